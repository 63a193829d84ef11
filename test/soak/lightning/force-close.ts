import { z } from 'zod';
import { methodsOf } from '../../../adapters/lightning/lnd/codec.js';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';

/** Field numbers: lnd v0.21.2-beta. */
const method = methodsOf(`
syntax = "proto3";
message ListChannelsRequest { bool active_only = 1; }
message ListChannelsResponse { repeated Channel channels = 11; }
message Channel { string remote_pubkey = 2; string channel_point = 3; }
message ChannelPoint { string funding_txid_str = 2; uint32 output_index = 3; }
message CloseChannelRequest { ChannelPoint channel_point = 1; bool force = 2; }
message CloseStatusUpdate { PendingUpdate close_pending = 1; }
message PendingUpdate { bytes txid = 1; }
`);
const listChannels = method(
  '/lnrpc.Lightning/ListChannels',
  'ListChannelsRequest',
  'ListChannelsResponse',
  z.object({
    channels: z.array(z.object({ remote_pubkey: z.string(), channel_point: z.string() })),
  }),
);
const closeChannel = method(
  '/lnrpc.Lightning/CloseChannel',
  'CloseChannelRequest',
  'CloseStatusUpdate',
  z.object({}),
);

/** Enough for the claim, and for its confirmations. */
const BLOCKS = 12;

interface Closed {
  readonly state: string;
  readonly atPayer: string | undefined;
  readonly onChain: string;
}

/** No relay settles until the channel is being closed: alice then takes the HTLC by the chain, with the preimage. */
export async function forceCloseWhileHeld(
  system: System,
  network: LightningNetwork,
): Promise<Closed> {
  const { alice, bob } = network;
  const author = await system.account('soak-forced', '10000000');
  const post = await author.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'To be zapped by force' }, payment: 'credits' },
  });
  const client = system.client();
  const { action, capability } = await client.openAction({
    ...{ type: 'ZAP', args: { itemId: post.action.result['itemId'] ?? '', sats: 10_000 } },
  });
  const invoice = action.attempts.at(-1)?.invoice;
  if (typeof invoice?.bolt11 !== 'string') throw new Error('no invoice');
  const relays = [system.processes.relay, ...system.parts.seconds].flatMap(({ pid }) => pid ?? []);
  relays.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  try {
    await payFrom(bob.channel, invoice.bolt11);
    const hash = { r_hash: Buffer.from(invoice.hash, 'hex') };
    await waitUntil('the payment to be held', async () => {
      const { state } = await alice.channel.call(METHODS.lookupInvoice, hash);
      return state === 'ACCEPTED';
    });
    const key = await bob.publicKey();
    const { channels } = await alice.channel.call(listChannels, {});
    const point = channels.find(({ remote_pubkey: peer }) => peer === key)?.channel_point ?? '';
    const [txid, index] = point.split(':');
    await alice.channel.first(closeChannel, {
      ...{ channel_point: { funding_txid_str: txid, output_index: Number(index) }, force: true },
    });
  } finally {
    relays.forEach((pid) => process.kill(pid, 'SIGCONT'));
  }
  const call = capability === undefined ? {} : { capability };
  const signal = AbortSignal.timeout(60_000);
  const { state } = await client.waitForAction(action.id, { ...call, signal });
  const request = { payment_hash: Buffer.from(invoice.hash, 'hex') };
  const atPayer = await waitUntil(
    'the payer to see the preimage on the chain',
    async () => {
      await network.mine(1);
      const seen = await bob.channel.first(METHODS.trackPayment, request);
      return seen?.status === 'SUCCEEDED' ? 'succeeded' : undefined;
    },
    BLOCKS * 5_000,
  ).catch(() => 'not succeeded');
  const found = await alice.channel.call(METHODS.lookupInvoice, {
    r_hash: Buffer.from(invoice.hash, 'hex'),
  });
  return { state, atPayer, onChain: found.state };
}
