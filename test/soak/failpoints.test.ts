import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failpoint } from '../../activities/failpoint.js';
import type { Processes } from '../../services/cli/up/processes.js';
import { illnesses, waitForRest } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { tellStories } from '../e2e/stories.js';
import { System } from '../e2e/system.js';

let system: System;

beforeAll(async () => {
  // An order whose answer was lost is placed again: the first one has to expire within the test.
  const environment = { QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '15' };
  system = await System.start({ environment });
});
afterAll(() => system.stop());

/** Several at a time, each in another process. */
const ROUNDS: readonly Partial<Record<keyof Processes, Failpoint>>[] = [
  {
    api: 'after-open-commit',
    worker: 'after-settle-before-apply',
    relay: 'in-fact-transaction',
    lightning: 'after-publish-before-cursor',
  },
  { api: 'after-node-create', relay: 'after-publish-before-mark' },
  { api: 'after-cancel-before-apply', relay: 'in-start-transaction' },
  { relay: 'before-fact-ack' },
];

const STORIES = 16;
/** Three of four kinds end PAID. */
const ALL_WELL = { PAID: 12, received: 4 };

describe('killed in the middle of things', () => {
  it.each(ROUNDS.map((round) => [Object.values(round).join(', '), round] as const))(
    '%s',
    async (name, round) => {
      const victims = Object.keys(round).flatMap((key) => (isProcess(key) ? [key] : []));
      await restartArmed(victims, Object.values(round));
      const run = await tellStories(system, nameOf(name), STORIES);
      await Promise.all([
        cancelSome(nameOf(name)),
        ...victims.map((victim) => hasDied(victim, round[victim] ?? '')),
      ]);
      expect(await run.done).toEqual(ALL_WELL);
      await waitForRest(system, 90_000);
      expect(await illnesses(system)).toEqual([]);
    },
  );
});

function isProcess(key: string): key is keyof Processes {
  return key in system.processes;
}

function nameOf(round: string): string {
  return round.replaceAll(/[^a-z]+/g, '-').slice(0, 24);
}

/** Those who start from now on die the second time they come to one of these points. */
async function restartArmed(victims: readonly (keyof Processes)[], points: readonly Failpoint[]) {
  const before = victims.map((victim) => system.processes[victim].pid);
  system.arm(points.map((point) => `${point}@2`));
  for (const victim of victims) system.kill(victim);
  await waitUntil('they have started again', () =>
    victims.every((victim, n) => system.processes[victim].pid !== before[n]),
  );
  // Whoever dies from now on goes on in peace.
  system.arm([]);
}

async function hasDied(victim: keyof Processes, point: string): Promise<void> {
  const { logFile } = system.processes[victim].spec;
  await waitUntil(
    `${victim} has died at ${point}`,
    async () => (await readFile(logFile, 'utf8')).includes(`failpoint ${point}`),
    60_000,
  );
}

/** Something to be cancelled, until somebody has died of it. */
async function cancelSome(name: string): Promise<void> {
  const author = await system.account(`${name}-cancels`);
  for (let n = 0; n < 3; n += 1) {
    const args = { title: 'Never mind' };
    const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
    await author.cancelAction(action.id);
    expect((await author.waitForAction(action.id)).state).toBe('FAILED');
  }
}
