import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import { RegistryProbe, registerNodeMetrics } from '../../../../services/lightning/node-metrics.js';
import { waitUntil } from '../../../support/wait-until.js';

type Parts = Parameters<typeof registerNodeMetrics>[0];

/** A node at block 1,000, with what is held until this height. */
async function scraped(height: number | null): Promise<string> {
  const metrics = new Registry();
  registerNodeMetrics({
    ...{ metrics, logger: pino({ level: 'silent' }) },
    pool: { query: () => Promise.resolve({ rows: [{ height }] }) } as unknown as Parts['pool'],
    node: {
      info: () =>
        Promise.resolve({
          ...{ publicKey: '02', network: 'regtest', version: '', blockHeight: 1_000 },
          synced: true,
        }),
      balance: () =>
        Promise.resolve({ sendableMsat: toMsat(3_000n), receivableMsat: toMsat(7_000n) }),
    },
  });
  return metrics.metrics();
}

describe('metrics of the node', () => {
  test('say what channels can send and receive', async () => {
    const text = await scraped(null);
    expect(text).toContain('quittance_lightning_liquidity_msat{direction="send"} 3000\n');
    expect(text).toContain('quittance_lightning_liquidity_msat{direction="receive"} 7000\n');
  });

  test('say how many blocks are left, where something is held', async () => {
    expect(await scraped(1_062)).toContain('quittance_lightning_blocks_left{of="held"} 62\n');
    expect(await scraped(null)).not.toContain('quittance_lightning_blocks_left{');
  });
});

describe('the probe of the registry', () => {
  const seconds = async (metrics: Registry): Promise<number> => {
    const value = (await metrics.getSingleMetric(NAME)?.get())?.values[0]?.value;
    return value ?? NaN;
  };
  const NAME = 'quittance_lightning_registry_seconds';
  const unknownHash = LightningError.refused('unknown_hash', 'there is none');

  test('is answered by a refusal, and changes nothing', async () => {
    const metrics = new Registry();
    const asked: string[] = [];
    const probe = new RegistryProbe(metrics, {
      cancelInvoice: (hash) => {
        asked.push(hash);
        return Promise.reject(unknownHash);
      },
    });
    const before = await waitUntil('time to pass', async () => {
      const now = await seconds(metrics);
      return now > 0.01 ? now : undefined;
    });
    await probe.ask();
    expect(await seconds(metrics)).toBeLessThan(before);
    await probe.ask();
    expect(new Set(asked).size).toBe(2);
    for (const hash of asked) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('goes on counting while nothing answers', async () => {
    const metrics = new Registry();
    const probe = new RegistryProbe(metrics, {
      cancelInvoice: () => Promise.reject(LightningError.unknown('no answer in time')),
    });
    const before = await seconds(metrics);
    await expect(probe.ask()).rejects.toMatchObject({ kind: 'unknown' });
    expect(await seconds(metrics)).toBeGreaterThanOrEqual(before);
  });
});
