import { afterEach, expect, it } from 'vitest';
import type { System } from '../e2e/system.helper.js';
import { findHaproxy } from '../support/haproxy.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { PostgresPair } from '../support/postgres-pair.js';
import { waitUntil } from '../support/wait-until.js';
import {
  type Acknowledged,
  type Load,
  lostOf,
  payAndNote,
  untilMore,
  WAIT_MS,
} from './postgres/pay-and-note.js';
import {
  quittance,
  startSystemWith,
  type SystemWithPostgres,
} from './postgres/system-with-postgres.js';
import { postInStorm } from './storm/pay-steadily.js';

const haproxy = await findHaproxy();
if (haproxy === undefined) process.stdout.write('fail-over: not run: haproxy is not installed\n');

/** Payments are acknowledged again so soon after the primary was gone. */
const SERVICE_MS = 30_000;
const EVERY_MS = 250;
const BEFORE = 40;
const AFTER = 20;
const IDLE_MS = 300_000;
const LOST_FOR_SECONDS = 90;
/** What an asynchronous standby does not get. */
const BEHIND = 8;

let pair: PostgresPair | undefined;
let running: SystemWithPostgres | undefined;
afterEach(async () => {
  await running?.stop();
  await pair?.stop();
  [pair, running] = [undefined, undefined];
});

async function start(synchronous: boolean): Promise<{ pair: PostgresPair; system: System }> {
  pair = await PostgresPair.start({ synchronous });
  running = await startSystemWith(pair.url);
  return { pair, system: running.system };
}

/** Resolves with how long after `since` a payment that was opened later was acknowledged, in milliseconds. */
function serviceAfter(load: Load, since: number): Promise<number> {
  const first = (): Acknowledged | undefined =>
    load.acknowledged.find(({ openedAt }) => openedAt >= since);
  return waitUntil('service', () => first(), WAIT_MS).then(({ at }) => at - since);
}

it.skipIf(haproxy === undefined)(
  'a primary with a synchronous standby is killed, and the next one stands still: nothing that was acknowledged is lost',
  { timeout: 1_800_000 },
  async () => {
    const { pair, system } = await start(true);
    const itemId = await postInStorm(system);
    const load = payAndNote(system, { itemId, everyMs: EVERY_MS, giveUpMs: WAIT_MS });
    const lines: string[] = [];
    for (const how of ['SIGKILL', 'SIGSTOP'] as const) {
      await untilMore(load, BEFORE);
      const since = performance.now();
      const known = [...load.acknowledged];
      await pair.failOver(how);
      const promotedMs = performance.now() - since;
      // At once, before anything is asked again: what was answered was on the standby's disk.
      expect(await lostOf(pair.primary, known)).toEqual([]);
      const serviceMs = await serviceAfter(load, since);
      lines.push(
        `${how}: ${known.length} acknowledged, none lost; promoted after ${Math.round(promotedMs)} ms, service after ${Math.round(serviceMs)} ms`,
      );
      expect(serviceMs).toBeLessThan(SERVICE_MS);
      await untilMore(load, AFTER);
      await pair.follow();
    }
    await load.stop();
    process.stdout.write(`${lines.join('\n')}\nin all ${load.acknowledged.length} paid\n`);
    expect(load.others).toEqual([]);
    expect(await lostOf(pair.primary, load.acknowledged)).toEqual([]);
    await waitUntilIdle(system, IDLE_MS);
    expect(await failedChecks(system)).toEqual([]);
  },
);

it.skipIf(haproxy === undefined)(
  'with an asynchronous standby what was lost is counted and named, and the rest goes on',
  { timeout: 1_800_000 },
  async () => {
    const { pair, system } = await start(false);
    const itemId = await postInStorm(system);
    // A workflow of an attempt that was lost ends when its invoice has expired.
    const load = payAndNote(system, {
      ...{ itemId, everyMs: EVERY_MS, giveUpMs: WAIT_MS, expirySeconds: LOST_FOR_SECONDS },
    });
    await untilMore(load, BEFORE);
    const cutAt = new Date();
    const cut = performance.now();
    pair.cutReplication();
    await waitUntil(
      'payments that the standby knows nothing of',
      () => load.acknowledged.filter(({ openedAt }) => openedAt > cut).length >= BEHIND,
      WAIT_MS,
    );
    const since = performance.now();
    const known = [...load.acknowledged];
    // Numbers that were given after the cut are given again: nobody may be let in before the epoch is raised.
    pair.proxy.letIn(false);
    await pair.failOver('SIGKILL');
    const lost = await lostOf(pair.primary, known);
    await quittance(
      system,
      ['epoch', 'raise', '--because', 'an asynchronous standby was promoted'],
      pair.primary.urlOf(),
    );
    pair.proxy.letIn(true);
    const serviceMs = await serviceAfter(load, since);
    await untilMore(load, AFTER);
    await load.stop();
    await waitUntilIdle(system, IDLE_MS);
    const still = await lostOf(pair.primary, known);
    const named = await quittance(
      system,
      ['differences', '--since', cutAt.toISOString(), '--json'],
      pair.primary.urlOf(),
    );
    process.stdout.write(
      `asynchronous: ${known.length} acknowledged, ${lost.length} not paid at the new primary, ${still.length} lost for good; service after ${Math.round(serviceMs)} ms\n${named}`,
    );
    expect(still.length).toBeGreaterThanOrEqual(BEHIND);
    expect(serviceMs).toBeLessThan(SERVICE_MS);
    // Every one is named, with what became of its money.
    for (const id of still) expect(named).toContain(id);
    const failed = await failedChecks(system);
    expect(failed.filter((line) => !line.startsWith("the simulated node's settled"))).toEqual([]);
  },
);
