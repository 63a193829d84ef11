import { setTimeout as pause } from 'node:timers/promises';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import type { System } from '../../e2e/system.helper.js';
import type { SeededRandom } from '../chaos/seeded-random.js';
import { replaceChannel } from './broken-link.js';
import { channelBetween } from './channel-calls.js';

const PAUSE_MS = 6_000;
type Fault =
  | 'lnd killed'
  | 'lnd paused'
  | `${'watcher' | 'worker'} ${'killed' | 'paused'}`
  | 'relay killed'
  | 'block';

/** What happened, and how often a channel had to be replaced. */
interface Injected {
  readonly lines: readonly string[];
  readonly replaced: number;
}

/** Until it is over, one after the other. */
export async function injectNodeFaults(
  system: System,
  network: LightningNetwork,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<Injected> {
  const counts = new Map<Fault, number>();
  let replaced = 0;
  while (!isOver()) {
    await pause(random.between(3_000, 8_000));
    const fault = random.weighted<Fault>([
      ...([
        [2, 'lnd killed'],
        [2, 'lnd paused'],
        [3, 'watcher killed'],
      ] as const),
      ...([
        [2, 'worker killed'],
        [2, 'relay killed'],
        [2, 'block'],
      ] as const),
      ...([
        [2, 'watcher paused'],
        [2, 'worker paused'],
      ] as const),
    ]);
    counts.set(fault, (counts.get(fault) ?? 0) + 1);
    await FAULTS[fault](system, network);
    if (fault === 'lnd killed' && !(await hasReconnected(network))) {
      await replaceChannel(network);
      replaced += 1;
    }
  }
  return { lines: [...counts].map(([fault, count]) => `${fault} ${count} times`), replaced };
}

/** False where alice's link to bob has failed for good. */
async function hasReconnected(network: LightningNetwork): Promise<boolean> {
  try {
    await network.reconnect();
    return true;
  } catch (error) {
    const { alice, bob } = network;
    const channel = await channelBetween(alice, bob);
    if (channel === undefined || channel.active) throw error;
    return false;
  }
}

type Inject = (system: System, network: LightningNetwork) => Promise<unknown>;

const FAULTS: Readonly<Record<Fault, Inject>> = {
  'lnd killed': async (_, network) => {
    await network.alice.server.kill();
    await network.alice.server.start();
  },
  'lnd paused': (_, { alice }) => pausing(alice.server.pid),
  'watcher paused': ({ processes }) => pausing(processes.lightning.pid),
  'worker paused': ({ processes }) => pausing(processes.worker.pid),
  'watcher killed': killing('lightning'),
  'worker killed': killing('worker'),
  'relay killed': killing('relay'),
  block: (_, network) => network.mine(1),
};

async function pausing(pid: number | undefined): Promise<void> {
  if (pid === undefined || !signalled(pid, 'SIGSTOP')) return;
  await pause(PAUSE_MS);
  signalled(pid, 'SIGCONT');
}

/** False where it has ended by itself. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function killing(name: Parameters<System['kill']>[0]): Inject {
  return (system) => {
    // It may be starting again just now.
    if (system.processes[name].pid !== undefined) {
      try {
        system.kill(name);
      } catch {
        // It has ended by itself.
      }
    }
    return Promise.resolve();
  };
}
