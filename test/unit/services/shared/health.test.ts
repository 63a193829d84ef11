import { expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Health } from '../../../../services/shared/health.js';
import { MetricsPage } from '../../../../services/shared/metrics-page.js';
import { opsRoutes } from '../../../../services/shared/ops-routes.js';

async function readyz(health: Health): Promise<{ status: number; body: unknown }> {
  const answer = await opsRoutes(
    health,
    new MetricsPage(new Registry(), pino({ level: 'silent' })),
  )['/readyz']?.();
  return { status: answer?.status ?? 0, body: JSON.parse(answer?.body ?? 'null') };
}

test.each(['starting', 'draining'] as const)('it is not ready while %s', async (phase) => {
  const health = new Health();
  health.addCheck('postgres', () => Promise.resolve());
  health.phase = phase;
  expect(await readyz(health)).toEqual({
    status: 503,
    body: { ready: false, phase, checks: { postgres: 'ok' } },
  });
});

test('it is ready when it runs and all checks pass; failing checks are shown', async () => {
  const health = new Health();
  health.phase = 'running';
  let up = true;
  health.addCheck('postgres', () => Promise.resolve());
  health.addCheck('nats', () => (up ? Promise.resolve() : Promise.reject(new Error('closed'))));
  expect((await readyz(health)).status).toBe(200);
  up = false;
  expect(await readyz(health)).toEqual({
    status: 503,
    body: { ready: false, phase: 'running', checks: { postgres: 'ok', nats: 'closed' } },
  });
});

test('a check that throws or never answers fails without delaying the others', async () => {
  vi.useFakeTimers();
  try {
    const health = new Health();
    health.phase = 'running';
    health.addCheck('throws', () => {
      throw new Error('bad');
    });
    health.addCheck('hangs', () => new Promise(() => undefined));
    const answer = readyz(health);
    await vi.runAllTimersAsync();
    expect((await answer).body).toEqual({
      ready: false,
      phase: 'running',
      checks: { throws: 'bad', hangs: 'no answer within 2000 ms' },
    });
  } finally {
    vi.useRealTimers();
  }
});

test('two checks with one name are an error', () => {
  const health = new Health();
  health.addCheck('nats', () => Promise.resolve());
  expect(() => health.addCheck('nats', () => Promise.resolve())).toThrow('already');
});
