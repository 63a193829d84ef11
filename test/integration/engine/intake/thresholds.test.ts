import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { afterHours, businessClock, wallClock } from '../../../../domain/intake/business-clock.js';
import { officeHours } from '../../../../domain/intake/opening-hours.js';
import { currentThreshold } from '../../../../engine/intake/thresholds/current.js';
import { learnThresholds } from '../../../../engine/intake/thresholds/learn.js';
import { thresholdsAnswer } from '../../../../services/api/v1/wire/thresholds.js';
import { addIntake } from '../../../../services/cli/commands/intake.js';
import { logNormalTime, storeHistory } from '../../../support/store-history.js';
import { ApiTester } from '../../services/api/tester.helper.js';
import { insertStays, insertStore } from './store-steps.helper.js';

const ZONE = 'Europe/Paris';
const FROM = new Date('2026-01-05T08:00:00Z');
const DAY = 86_400_000;
const at = (days: number): Date => new Date(FROM.getTime() + days * DAY);
const business = businessClock(officeHours(ZONE));
const ENTERED = new Date('2026-03-02T09:00:00Z');

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
  const { pool } = tester.api;
  for (const store of ['lumen', 'empty']) await insertStore(pool, store, ZONE);
  const times = { from: FROM, days: 60, time: logNormalTime, clock: business };
  const of = { store: 'lumen', status: 'processing' };
  await insertStays(pool, { ...of, paymentMethod: 'stripe', firstId: 1_000n }, [
    ...storeHistory({ ...times, seed: 1 }),
    { enteredAt: at(50), leftAt: null },
  ]);
  const slow = storeHistory({ ...times, seed: 2, perDay: 5, time: (random) => 15 + random() });
  await insertStays(pool, { ...of, paymentMethod: 'bacs', firstId: 100_000n }, slow);
  await insertStays(pool, { ...of, paymentMethod: 'cod', firstId: 200_000n }, slow.slice(0, 30));
  await insertStays(
    pool,
    { store: 'lumen', status: 'completed', paymentMethod: 'cod', firstId: 300_000n },
    slow.slice(0, 30),
  );
});
afterAll(() => tester.close());

const current = (paymentMethod: string, store = 'lumen', status = 'processing') =>
  currentThreshold(tester.api.pool, { store, status, paymentMethod });

const thresholds = async (store: string, query = '') =>
  tester.get(`/v1/stores/${store}/thresholds${query}`, tester.operator);

/** Business hours until an order that entered on a Monday morning is told of. */
async function alertHours(paymentMethod: string): Promise<number> {
  const { alertAfter } = await current(paymentMethod);
  return business.between(ENTERED, alertAfter(ENTERED)) / 3_600_000;
}

describe('thresholds of a store', () => {
  it('are the defaults until something is learned', async () => {
    const { version, method, verifyAfter } = await current('stripe', 'empty');
    expect([version, method]).toEqual([null, 'default']);
    expect(business.between(ENTERED, verifyAfter(ENTERED)) / 3_600_000).toBeCloseTo(30.2, 1);
    const pending = await current('stripe', 'empty', 'pending');
    expect(pending.alertAfter(ENTERED)).toEqual(afterHours(wallClock, ENTERED, 2));
    expect(await learnThresholds(tester.api.pool, 'empty', at(60))).toBe(0);
    await expect(current('stripe', 'nowhere')).rejects.toThrow('nowhere');
  });

  it('are refused while there is little, and the refusal is a version with its reason', async () => {
    expect(await learnThresholds(tester.api.pool, 'lumen', at(5))).toBe(1);
    const answer = thresholdsAnswer.parse((await thresholds('lumen')).json);
    expect(answer.current).toMatchObject([
      { status: 'processing', paymentMethod: null, refused: 'history_too_short', frozen: false },
    ]);
    expect(await alertHours('stripe')).toBe(40);
  });

  it('are learned for a status, and for each method with enough orders of its own', async () => {
    expect(await learnThresholds(tester.api.pool, 'lumen', at(55))).toBe(3);
    const { current: now } = thresholdsAnswer.parse((await thresholds('lumen')).json);
    expect(now.map(({ paymentMethod }) => paymentMethod)).toEqual([null, 'bacs', 'stripe']);
    const bacs = now[1];
    expect(bacs).toMatchObject({ clock: 'business', refused: null });
    expect(bacs?.verify.method).toBe('kaplan-meier');
    expect(bacs?.verify.hours).toBeGreaterThan(15);
    expect(bacs?.verify.hours).toBeLessThan(16);
    expect(now[2]?.censored).toBeGreaterThan(0);
    // Cash on delivery has thirty orders: it is handled as all are.
    const [all] = now;
    expect(String((await current('cod')).version)).toBe(all?.version);
    expect(String((await current('bacs')).version)).toBe(bacs?.version);
    expect(await alertHours('bacs')).toBeCloseTo(bacs?.alert.hours ?? 0, 4);
  });

  it('are the same when learned twice at a time, and move slowly from one night to the next', async () => {
    const { pool } = tester.api;
    await learnThresholds(pool, 'lumen', at(55));
    const before = thresholdsAnswer.parse((await thresholds('lumen')).json);
    expect(before.versions).toHaveLength(4);
    await pool.query(`update store_order_steps set excluded = true where payment_method = 'bacs'
      and order_id < 100200`);
    await pool.query(`update store_order_steps set left_at = entered_at + interval '29 days'
      where payment_method = 'bacs' and order_id >= 100200`);
    await learnThresholds(pool, 'lumen', at(56));
    const { current: now } = thresholdsAnswer.parse((await thresholds('lumen')).json);
    for (const version of now) {
      const old = before.current.find((one) => one.paymentMethod === version.paymentMethod);
      const ratio = version.verify.hours / (old?.verify.hours ?? 0);
      expect(ratio).toBeLessThanOrEqual(1.5 + 1e-9);
      expect(ratio).toBeGreaterThanOrEqual(1 / 1.5 - 1e-9);
      expect(version.alert.hours).toBeGreaterThanOrEqual(version.verify.hours);
    }
  });

  it('keep every version, which nobody may change', async () => {
    const { pool } = tester.api;
    await expect(pool.query('update threshold_versions set alert_hours = 99')).rejects.toThrow();
    await expect(pool.query('delete from threshold_versions')).rejects.toThrow();
    const first = thresholdsAnswer.parse((await thresholds('lumen', '?limit=2')).json);
    expect(first.versions).toHaveLength(2);
    const cursor = first.nextCursor ?? '';
    const second = thresholdsAnswer.parse((await thresholds('lumen', `?cursor=${cursor}`)).json);
    const seen = [...first.versions, ...second.versions].map(({ version }) => BigInt(version));
    expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? 1 : -1)));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await thresholds('nowhere')).status).toBe(404);
    const url = '/v1/stores/lumen/thresholds';
    expect((await tester.get(url, await tester.account())).status).toBe(403);
  });

  it('of a busy store come from two weeks, though fewer days have orders enough', async () => {
    const { pool } = tester.api;
    await insertStore(pool, 'busy', ZONE);
    const times = { from: FROM, days: 30, perDay: 100, seed: 5, time: logNormalTime };
    const stays = storeHistory({ ...times, clock: business });
    const of = { store: 'busy', status: 'processing', paymentMethod: 'stripe', firstId: 1n };
    await insertStays(pool, of, stays);
    expect(await learnThresholds(pool, 'busy', at(30))).toBe(2);
    const { current: now } = thresholdsAnswer.parse((await thresholds('busy')).json);
    const recent = stays.filter(({ enteredAt }) => enteredAt > at(16)).length;
    for (const { refused, exits, censored } of now) {
      expect(refused).toBeNull();
      expect(exits + censored).toBe(recent);
    }
  });

  it('learn nothing from stays of an incident', async () => {
    const { pool } = tester.api;
    const excluded = await pool.query(
      `update store_order_steps set excluded = true where store = 'busy' and order_id % 4 = 0 and entered_at > $1`,
      [at(25)],
    );
    const [before] = thresholdsAnswer.parse((await thresholds('busy')).json).current;
    await learnThresholds(pool, 'busy', new Date(at(30).getTime() + 1));
    const [after] = thresholdsAnswer.parse((await thresholds('busy')).json).current;
    const counted = (of: typeof before): number => (of?.exits ?? 0) + (of?.censored ?? 0);
    expect(excluded.rowCount).toBeGreaterThan(50);
    expect(counted(before) - counted(after)).toBe(excluded.rowCount);
  });

  it('count the hours that a store says it is open', async () => {
    const { pool } = tester.api;
    const put = (body: unknown, store = 'empty') =>
      tester.ask({
        ...{ method: 'PUT', url: `/v1/stores/${store}/opening-hours`, body },
        headers: tester.operator,
      });
    const week = Array.from({ length: 7 }, () => [[0, 1440]]);
    expect((await put({ week, holidays: ['2026-03-03'] })).json).toMatchObject({
      ...{ week, holidays: ['2026-03-03'], alarmsPerDay: null, medianHours: 8 },
    });
    const holiday = await current('stripe', 'empty');
    expect(holiday.alertAfter(ENTERED)).toEqual(afterHours(wallClock, ENTERED, 64));
    expect((await put({ week })).status).toBe(200);
    const overlapping = [
      [
        [60, 120],
        [90, 180],
      ],
      ...week.slice(1),
    ];
    for (const wrong of [overlapping, week.slice(1), week.map(() => [])]) {
      expect((await put({ week: wrong })).status).toBe(400);
    }
    expect((await put({ week }, 'nowhere')).status).toBe(404);
    const { alertAfter } = await current('stripe', 'empty');
    expect(alertAfter(ENTERED)).toEqual(afterHours(wallClock, ENTERED, 40));
    await pool.query('update threshold_settings set week = $1', ['[[],[],[],[],[],[],[]]']);
    const office = await current('stripe', 'empty');
    expect(office.alertAfter(ENTERED)).toEqual(afterHours(business, ENTERED, 40));
  });
});

describe('quittance intake evaluate', () => {
  beforeEach(() => vi.stubEnv('DATABASE_URL', tester.api.databaseUrl));
  afterEach(() => vi.unstubAllEnvs());

  async function quittance(...args: string[]): Promise<string> {
    const program = new Command('quittance').exitOverride();
    addIntake(program);
    const printed: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    try {
      await program.parseAsync(['node', 'quittance', 'intake', 'evaluate', ...args]);
    } finally {
      write.mockRestore();
    }
    return printed.join('');
  }

  it('prints false alarms with their interval, and delays, beside fixed thresholds', async () => {
    const printed = await quittance('--store', 'lumen');
    expect(printed).toMatch(/^lumen, processing: \d+ orders in 7 weeks/);
    expect(printed).toMatch(/^learned +ask +\d+\.\d % \(\d+\) +\d+\.\d % to \d+\.\d % +10\.0 %/m);
    expect(printed).toMatch(/^learned +tell .* 1\.0 %, /m);
    for (const rule of ['fixed 24 h', 'fixed 48 h', 'plain p95']) {
      expect(printed).toMatch(new RegExp(`^${rule} +both +\\d`, 'm'));
    }
    expect(printed).toMatch(/^learned +\d+\.\d +\d+\.\d +\d+\.\d +\d+\.\d +\d+\.\d % +\d+\.\d %$/m);
    expect(await quittance('--store', 'lumen')).toBe(printed);
  });

  it('reads the history from a file, too, and names the line that is wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quittance-steps-'));
    try {
      const file = join(folder, 'steps.csv');
      const stays = storeHistory({
        from: FROM,
        days: 22,
        seed: 4,
        time: logNormalTime,
        clock: business,
      });
      const lines = stays.map(
        ({ enteredAt, leftAt }) => `processing,${enteredAt.toISOString()},${leftAt.toISOString()}`,
      );
      const heading = 'status,entered_at,left_at';
      const other = 'on-hold,2026-01-06T09:00:00+01:00,';
      await writeFile(file, [heading, other, ...lines, ''].join('\n'));
      const printed = await quittance('--file', file, '--zone', ZONE, '--losses', '10');
      expect(printed).toContain('processing: ');
      expect(printed).toContain('Updates lost on purpose (10)');
      await writeFile(file, [heading, other, 'processing,yesterday,'].join('\n'));
      await expect(quittance('--file', file)).rejects.toThrow('line 3');
      await writeFile(
        file,
        [heading, 'processing,2026-01-06T09:00:00Z,2026-01-05T09:00:00Z'].join('\n'),
      );
      await expect(quittance('--file', file)).rejects.toThrow('before the beginning');
      await writeFile(file, 'a,b,c');
      await expect(quittance('--file', file)).rejects.toThrow(heading);
      await expect(quittance('--file', file, '--zone', 'Mars')).rejects.toThrow('Mars');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses what it cannot read', async () => {
    await expect(quittance()).rejects.toThrow('--store or --file');
    await expect(quittance('--store', 'nowhere')).rejects.toThrow('no store nowhere');
    await expect(quittance('--store', 'empty')).rejects.toThrow('too few');
    await expect(quittance('--file', '/nowhere.csv')).rejects.toThrow('nowhere.csv');
  });
});
