import { setTimeout as pause } from 'node:timers/promises';
import type { ServerHandle } from '../../../services/cli/servers/types.js';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import { type Failpoint, FAILPOINTS } from '../../../engine/failpoint.js';
import type { System } from '../../e2e/system.helper.js';
import type { Dice } from './dice.js';
import { troubledNode } from './faults.js';

const LONGEST_PEACE_MS = 3_000;
const LONGEST_OUTAGE_MS = 3_000;

export interface ScriptOptions {
  readonly system: System;
  readonly dice: Dice;
  /** False: processes are left alone, only what they depend on is disturbed. */
  readonly killProcesses: boolean;
  readonly tell: (what: string) => void;
}

/** One mishap after another, as the dice fall, until it is time. */
export async function runScript(options: ScriptOptions, until: number): Promise<void> {
  const { system, dice } = options;
  let faults = troubledNode(dice);
  while (Date.now() < until) {
    const mishap = dice.weighted(options.killProcesses ? ANY : OUTSIDE_ONLY);
    if (mishap === 'faults') {
      faults = troubledNode(dice);
      options.tell(`faults ${JSON.stringify(faults)}`);
    } else {
      await happen(options, mishap);
    }
    // A node that was killed has forgotten them.
    await system.node.setFaults(faults).catch(() => undefined);
    await pause(dice.between(0, LONGEST_PEACE_MS));
  }
}

type Mishap = 'faults' | 'kill' | 'outage' | 'empty' | 'failpoint' | 'deadline';

const OUTSIDE_ONLY: readonly (readonly [number, Mishap])[] = [
  [4, 'faults'],
  [4, 'outage'],
  [1, 'empty'],
];

const ANY: readonly (readonly [number, Mishap])[] = [
  ...OUTSIDE_ONLY,
  [5, 'kill'],
  [5, 'failpoint'],
  [3, 'deadline'],
];

async function happen(options: ScriptOptions, mishap: Exclude<Mishap, 'faults'>): Promise<void> {
  const { system, dice, tell } = options;
  switch (mishap) {
    case 'kill': {
      const victim = dice.pick(system.all());
      tell(`kill -9 ${victim.spec.name}`);
      killNow(victim);
      return;
    }
    case 'failpoint': {
      startArmed(options, dice.pick(system.all()), armedBy(dice));
      return;
    }
    case 'deadline': {
      startArmed(options, dice.pick(takers(system)), [heldOpen(dice)]);
      return;
    }
    case 'outage':
      return outage(options);
    case 'empty':
      if (dice.chance(0.5)) {
        tell('Temporal comes back empty');
        await system.servers.temporal.empty?.();
      } else {
        tell('NATS comes back empty');
        await system.emptyNats();
      }
      return;
  }
}

function startArmed(
  { system, tell }: ScriptOptions,
  victim: Supervised,
  armed: readonly string[],
): void {
  tell(`${victim.spec.name} starts again with ${armed.join(',')}`);
  system.arm(armed);
  killNow(victim);
}

/** Those whose transactions others wait for. */
function takers({ processes, parts }: System): Supervised[] {
  const { api, relay, worker } = processes;
  return [api, relay, worker, ...parts.seconds];
}

/** A transaction that is open for longer than most deadlines are away: they pass in the middle of it. */
function heldOpen(dice: Dice): string {
  const point = dice.pick(IN_TRANSACTIONS);
  return `${point}@${dice.between(1, 5)}~${dice.between(3_000, 13_000)}`;
}

const IN_TRANSACTIONS: readonly Failpoint[] = [
  'in-start-transaction',
  'in-message-transaction',
  'after-publish-before-mark',
];

/** Processes that start from now on die, or wait, in the middle of things. */
function armedBy(dice: Dice): string[] {
  return Array.from({ length: dice.between(1, 3) }, () => {
    const point = `${dice.pick(FAILPOINTS)}@${dice.between(1, 8)}`;
    return dice.chance(0.5) ? `${point}~${dice.between(200, 4_000)}` : point;
  });
}

async function outage({ system, dice, tell, killProcesses }: ScriptOptions): Promise<void> {
  const { postgres, nats, temporal } = system.servers;
  const server = dice.pick<ServerHandle>([postgres, nats, temporal]);
  const how = dice.pick(['stop', 'kill'] as const);
  const forMs = dice.between(0, LONGEST_OUTAGE_MS);
  const victim = killProcesses && dice.chance(0.3) ? dice.pick(system.all()) : undefined;
  tell(`${how} ${server.name} for ${forMs} ms${victim ? `, and ${victim.spec.name}` : ''}`);
  await server[how]();
  if (victim !== undefined) killNow(victim);
  await pause(forMs);
  await server.start();
}

/** One that is being started again may be gone already. */
export function killNow({ pid }: Supervised): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just died by itself.
  }
}
