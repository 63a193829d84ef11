import { setTimeout as pause } from 'node:timers/promises';
import type { ServerHandle } from '../../../services/cli/servers/types.js';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import { type Failpoint, FAILPOINTS } from '../../../engine/failpoint.js';
import type { System } from '../../e2e/system.helper.js';
import { randomNodeFaults } from './node-faults.js';
import { Pauses } from './pauses.js';
import type { SeededRandom } from './seeded-random.js';

const LONGEST_PAUSE_MS = 3_000;
const LONGEST_OUTAGE_MS = 3_000;

export interface InjectionOptions {
  readonly system: System;
  readonly random: SeededRandom;
  /** False: faults only in the servers and the node, not in our processes. */
  readonly killProcesses: boolean;
  /** Processes and servers are also paused for 20 s. */
  readonly pauses: boolean;
  /** Called with each fault: its kind, and what the kind does not say. */
  readonly report: (kind: string, detail?: string) => void;
}

/** Injects random faults one after the other until the given time, in milliseconds since 1970. */
export async function injectFaults(options: InjectionOptions, until: number): Promise<void> {
  const { system, random, report } = options;
  const pauses = new Pauses(system, random, report);
  const kinds = [
    ...(options.killProcesses ? ANY : OUTSIDE_ONLY),
    ...(options.pauses ? PAUSING : []),
  ];
  let nodeFaults = randomNodeFaults(random);
  try {
    while (Date.now() < until) {
      const fault = random.weighted(kinds);
      if (fault === 'node') {
        nodeFaults = randomNodeFaults(random);
        report('node faults', JSON.stringify(nodeFaults));
      } else {
        await inject(options, pauses, fault);
      }
      // Again each time: a restarted node has none.
      await system.node.setFaults(nodeFaults).catch(() => undefined);
      await pause(random.between(0, LONGEST_PAUSE_MS));
    }
  } finally {
    await pauses.end();
  }
}

type Fault = 'node' | 'kill' | 'outage' | 'empty' | 'failpoint' | 'deadline' | 'pause' | 'freeze';

const OUTSIDE_ONLY: readonly (readonly [number, Fault])[] = [
  [4, 'node'],
  [4, 'outage'],
  [1, 'empty'],
];

const ANY: readonly (readonly [number, Fault])[] = [
  ...OUTSIDE_ONLY,
  [5, 'kill'],
  [5, 'failpoint'],
  [3, 'deadline'],
];

const PAUSING: readonly (readonly [number, Fault])[] = [
  [6, 'pause'],
  [4, 'freeze'],
];

async function inject(
  options: InjectionOptions,
  pauses: Pauses,
  fault: Exclude<Fault, 'node'>,
): Promise<void> {
  const { system, random, report } = options;
  switch (fault) {
    case 'kill': {
      const target = random.pick(system.all());
      report(`kill -9 ${target.spec.name}`);
      killNow(target);
      return;
    }
    case 'failpoint': {
      restartArmed(options, random.pick(system.all()), randomFailpoints(random));
      return;
    }
    case 'deadline': {
      restartArmed(options, random.pick(contenders(system)), [longTransaction(random)]);
      return;
    }
    case 'outage':
      return outage(options, pauses);
    case 'empty':
      return emptyServer(options, pauses);
    case 'pause': {
      pauses.pauseProcess();
      return;
    }
    case 'freeze':
      // PostgreSQL may not answer which backends it has.
      return pauses.pauseServer().catch(() => undefined);
  }
}

async function emptyServer(
  { system, random, report }: InjectionOptions,
  pauses: Pauses,
): Promise<void> {
  const { nats, temporal } = system.servers;
  const server = random.pick([temporal, nats]);
  if (pauses.includes(server)) return;
  report(`empty ${server.name}`);
  await (server === nats ? system.emptyNats() : temporal.empty?.());
}

function restartArmed(
  { system, report }: InjectionOptions,
  target: Supervised,
  failpoints: readonly string[],
): void {
  report(`restart ${target.spec.name} with failpoints`, failpoints.join(','));
  system.arm(failpoints);
  killNow(target);
}

/** Processes whose transactions hold locks that others wait for. */
function contenders({ processes, parts }: System): Supervised[] {
  const { api, relay, worker } = processes;
  return [api, relay, worker, ...parts.seconds];
}

/** A failpoint that keeps a transaction open past most deadlines. */
function longTransaction(random: SeededRandom): string {
  const point = random.pick(IN_TRANSACTIONS);
  return `${point}@${random.between(1, 5)}~${random.between(3_000, 13_000)}`;
}

const IN_TRANSACTIONS: readonly Failpoint[] = [
  'in-start-transaction',
  'in-message-transaction',
  'after-publish-before-mark',
];

/** Failpoints that end a process or make it wait. */
function randomFailpoints(random: SeededRandom): string[] {
  return Array.from({ length: random.between(1, 3) }, () => {
    const point = `${random.pick(FAILPOINTS)}@${random.between(1, 8)}`;
    return random.chance(0.5) ? `${point}~${random.between(200, 4_000)}` : point;
  });
}

async function outage(
  { system, random, report, killProcesses }: InjectionOptions,
  pauses: Pauses,
): Promise<void> {
  const { postgres, nats, temporal } = system.servers;
  const server = random.pick<ServerHandle>([postgres, nats, temporal]);
  const how = random.pick(['stop', 'kill'] as const);
  const forMs = random.between(0, LONGEST_OUTAGE_MS);
  const target = killProcesses && random.chance(0.3) ? random.pick(system.all()) : undefined;
  if (pauses.includes(server)) return;
  report(`${how} ${server.name}`, `for ${forMs} ms${target ? `, and ${target.spec.name}` : ''}`);
  await server[how]();
  if (target !== undefined) killNow(target);
  await pause(forMs);
  await server.start();
}

/** SIGKILL. Ignores a process that is not running. */
export function killNow({ pid }: Supervised): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
