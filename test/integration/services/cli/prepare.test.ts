import { Connection } from '@temporalio/client';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { loadConfigPart } from '../../../../services/shared/config.js';
import { prepareStreams, prepareTemporal } from '../../../../services/cli/prepare/prepare.js';
import { NATS_KEYS } from '../../../../services/shared/nats-access/options.js';
import { TEMPORAL_KEYS } from '../../../../services/shared/temporal/access.js';

const NAMESPACE = `prepared-${process.pid}`;

async function prepare(days: number): Promise<string> {
  const lines: string[] = [];
  const config = loadConfigPart([...TEMPORAL_KEYS, 'QUITTANCE_TEMPORAL_RETENTION_DAYS'], {
    ...process.env,
    QUITTANCE_TEMPORAL_NAMESPACE: NAMESPACE,
    QUITTANCE_TEMPORAL_RETENTION_DAYS: String(days),
  });
  await prepareTemporal(config, (line) => lines.push(line));
  return lines.join('\n');
}

test('the namespace is made with its retention and attributes, changed, and left alone', async () => {
  expect(await prepare(30)).toMatch(/made.*30 days[\s\S]*QState.*added/);
  expect(await prepare(30)).toMatch(/unchanged[\s\S]*up to date/);
  expect(await prepare(7)).toMatch(/changed.*7 days/);
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const described = await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    const seconds = described.config?.workflowExecutionRetentionTtl?.seconds;
    expect(Number(seconds)).toBe(7 * 86_400);
  } finally {
    await connection.close();
  }
});

test('streams are made with the copies that are configured; a server alone refuses three', async () => {
  const lines: string[] = [];
  const prepared = (copies?: string): Promise<void> =>
    prepareStreams(
      loadConfigPart([...NATS_KEYS, 'QUITTANCE_NATS_REPLICAS'], {
        ...process.env,
        ...(copies === undefined ? {} : { QUITTANCE_NATS_REPLICAS: copies }),
      }),
      pino({ level: 'silent' }),
      (line) => lines.push(line),
    );
  await prepared();
  await prepared('1');
  expect(lines).toEqual(
    Array(2).fill(expect.stringMatching(/NATS: \d+ streams, copies of each: 1/)),
  );
  await expect(prepared('3')).rejects.toThrow('3 copies are configured, and there are 1');
  await prepared('1');
});
