import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import { newPort } from '../../../shared/free-port.js';
import type { LaunchContext } from '../types.js';
import { untilReady } from '../until.js';
import type { LightningBinaries } from './binaries.js';
import { Btcd } from './btcd.js';
import { connectAll, type NetworkNodes, openChannels } from './channels.js';
import { Lnd } from './lnd.js';
import { ADMIN } from './lnd-admin.js';
import { copySnapshot, saveSnapshot } from './snapshot.js';

/** A Bitcoin node and three Lightning nodes: alice is ours; channels alice to bob and bob to carol, balanced. */
export interface LightningNetwork extends NetworkNodes {
  readonly btcd: Btcd;
  /** For further nodes beside these. */
  readonly context: NetworkContext;
  /** After a node was started again. Resolves when all channels can be used. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

export type NetworkContext = Pick<LaunchContext, 'dataDir' | 'env' | 'report' | 'signal'>;

const HOST = '127.0.0.1';
/** On regtest, coins can be spent after 100 blocks, and segwit is active after three windows of 144. */
const FIRST_BLOCKS = 450;
const SYNC_MS = 60_000;

/** Where the data folder has no network, from the snapshot of the first one, which is made when there is none. */
export async function startNetwork(
  binaries: LightningBinaries,
  context: NetworkContext,
): Promise<LightningNetwork> {
  await mkdir(join(context.dataDir, 'logs'), { recursive: true });
  await mkdir(join(context.dataDir, 'run'), { recursive: true });
  const folder = join(context.dataDir, 'lightning');
  if (!(await copySnapshot(binaries, folder))) {
    await createNetwork(binaries, folder, context);
    await saveSnapshot(binaries, folder);
  }
  const network = await startAll(binaries, folder, context, 1);
  try {
    await connectAll(network);
    return network;
  } catch (error) {
    await network.stop();
    throw error;
  }
}

/** Leaves it stopped: a copy of a running database may be torn. */
async function createNetwork(
  binaries: LightningBinaries,
  folder: string,
  context: NetworkContext,
): Promise<void> {
  await mkdir(join(folder, 'btcd'), { recursive: true });
  // The coins of new blocks go to alice, whose address is known only once she has run.
  const poor = await startAll(binaries, folder, context, 0);
  try {
    const address = await poor.alice.channel.call(ADMIN.newAddress, { type: 0 });
    await writeFile(addressFile(folder), address);
  } finally {
    await poor.stop();
  }
  // A wallet may pass over blocks that were made before it first ran on a chain, and their coins.
  const network = await startAll(binaries, folder, context, 1);
  try {
    await network.mine(FIRST_BLOCKS);
    await openChannels(network);
  } finally {
    await network.stop();
  }
}

/** Makes blocks before the nodes start: an old best block counts as not synced. Without any, alice alone starts. */
async function startAll(
  binaries: LightningBinaries,
  folder: string,
  context: NetworkContext,
  firstBlocks: number,
): Promise<LightningNetwork> {
  const taken = new Set<number>();
  const port = async (): Promise<number> => {
    const found = await newPort(HOST, taken);
    taken.add(found);
    return found;
  };
  const miningAddress = await readFile(addressFile(folder), 'utf8').catch(() => undefined);
  const rpcPort = await port();
  const btcd = new Btcd(
    {
      binary: binaries.btcd,
      folder: join(folder, 'btcd'),
      rpcPort,
      peerPort: await port(),
      ...(miningAddress !== undefined && { miningAddress }),
    },
    context,
  );
  const lnd = async (name: string): Promise<Lnd> =>
    new Lnd(
      {
        ...{ name, binary: binaries.lnd, folder: join(folder, name) },
        ...{ rpcPort: await port(), peerPort: await port(), unsynced: firstBlocks === 0 },
        btcd: { rpcPort, certificate: btcd.certificate },
      },
      context,
    );
  const [alice, bob, carol] = [await lnd('alice'), await lnd('bob'), await lnd('carol')];
  const nodes = firstBlocks === 0 ? [alice] : [alice, bob, carol];
  const stop = async (): Promise<void> => {
    nodes.forEach((node) => node.channel.close());
    await Promise.all(nodes.map((node) => node.server.stop()));
    await btcd.server.stop();
  };
  const mine = async (blocks: number): Promise<void> => {
    await btcd.mine(blocks);
    const height = await btcd.height();
    await Promise.all(nodes.map((node) => untilAt(node, height, context.signal)));
  };
  try {
    await btcd.server.start();
    await btcd.restore();
    if (firstBlocks > 0) await btcd.mine(firstBlocks);
    await Promise.all(nodes.map((node) => node.server.start()));
    const height = await btcd.height();
    if (height > 0) await Promise.all(nodes.map((node) => untilAt(node, height, context.signal)));
  } catch (error) {
    await stop();
    throw error;
  }
  const network = { btcd, context, alice, bob, carol, nodes, mine, stop };
  return { ...network, reconnect: () => connectAll(network) };
}

function untilAt(node: Lnd, height: number, signal: AbortSignal): Promise<void> {
  const check = async (): Promise<void> => {
    const info = await node.channel.call(METHODS.getInfo, {});
    if (info.block_height < height || !info.synced_to_chain) {
      throw new Error(`lnd ${node.options.name} is at block ${info.block_height} of ${height}`);
    }
  };
  return untilReady(check, { timeoutMs: SYNC_MS, signal });
}

function addressFile(folder: string): string {
  return join(folder, 'mining-address');
}
