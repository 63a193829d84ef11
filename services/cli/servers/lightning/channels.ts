import { untilReady } from '../until.js';
import type { Lnd } from './lnd.js';
import { ADMIN } from './lnd-admin.js';

export interface NetworkNodes {
  readonly alice: Lnd;
  readonly bob: Lnd;
  readonly carol: Lnd;
  readonly nodes: readonly Lnd[];
  /** Makes blocks, and waits until all nodes have them. */
  readonly mine: (blocks: number) => Promise<void>;
}

/** The most of a channel that both ends need not agree on. */
const CHANNEL_SATS = 16_000_000;
const BOBS_SATS = 200_000_000;
const FEE = { sat_per_vbyte: '2' };
/** A channel is announced with this many. */
const CONFIRMATIONS = 6;
const READY_MS = 90_000;
/** Longer than a busy machine takes from a connection to an active channel. */
const PATIENCE_MS = 15_000;
const never = new AbortController().signal;

/** On a chain whose coins are alice's. */
export async function openChannels(network: NetworkNodes): Promise<void> {
  const { alice, bob, carol, mine } = network;
  const addr = await bob.channel.call(ADMIN.newAddress, { type: 0 });
  // Right after a start the wallet may not have seen its coins.
  const until = { timeoutMs: READY_MS, signal: never };
  await untilReady(
    () => alice.channel.call(ADMIN.sendCoins, { addr, amount: BOBS_SATS, ...FEE }),
    until,
  );
  await mine(1);
  await untilReady(async () => {
    const { confirmed_balance: coins } = await bob.channel.call(ADMIN.walletBalance, {});
    if (coins === 0n) throw new Error('bob has no coins');
  }, until);
  await connect(alice, bob);
  await connect(bob, carol);
  for (const [from, to] of [
    [alice, bob],
    [bob, carol],
  ] as const) {
    const request = {
      ...FEE,
      node_pubkey: Buffer.from(await to.publicKey(), 'hex'),
      local_funding_amount: CHANNEL_SATS,
      push_sat: CHANNEL_SATS / 2,
    };
    await untilReady(() => from.channel.call(ADMIN.openChannel, request), until);
  }
  await mine(CONFIRMATIONS);
  await connectAll(network);
}

/**
 * After a start: ports have changed. A peer that was killed is thought to be connected for a while, and of two connections that are
 * made at once lnd may keep one on which nobody speaks: it is closed, and made again.
 */
export async function connectAll(network: NetworkNodes): Promise<void> {
  const { alice, bob, carol } = network;
  const pairs = [
    [alice, bob],
    [bob, carol],
  ] as const;
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      await untilReady(
        async () => {
          await Promise.all(pairs.map(([from, to]) => connect(from, to)));
          await refuseUnusable(network);
        },
        { timeoutMs: PATIENCE_MS, signal: never },
      );
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await Promise.all(pairs.map(([from, to]) => disconnect(from, to)));
  }
}

/** One that is not connected stays as it is. */
async function disconnect(from: Lnd, to: Lnd): Promise<void> {
  const request = { pub_key: await to.publicKey() };
  await from.channel.call(ADMIN.disconnectPeer, request).catch(() => undefined);
}

async function connect(from: Lnd, to: Lnd): Promise<void> {
  const addr = { pubkey: await to.publicKey(), host: `127.0.0.1:${to.options.peerPort}` };
  await from.channel.call(ADMIN.connectPeer, { addr, perm: false }).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.includes('already connected'))) throw error;
  });
}

/** Throws unless every channel is active, and every node knows both ends' policies of both. */
async function refuseUnusable({ alice, bob, carol, nodes }: NetworkNodes): Promise<void> {
  for (const [node, count] of [
    [alice, 1],
    [bob, 2],
    [carol, 1],
  ] as const) {
    const channels = await node.channel.call(ADMIN.listChannels, { active_only: true });
    if (channels.length < count) throw new Error('a channel is not active');
  }
  for (const node of nodes) {
    const edges = await node.channel.call(ADMIN.describeGraph, {});
    const known = edges.filter((edge) => edge.node1_policy && edge.node2_policy);
    if (known.length < 2) throw new Error('a node does not know all channels');
  }
}
