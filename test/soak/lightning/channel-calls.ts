import { z } from 'zod';
import { methodsOf } from '../../../adapters/lightning/lnd/codec.js';
import { ADMIN } from '../../../services/cli/servers/lightning/lnd-admin.js';
import type { Lnd } from '../../../services/cli/servers/lightning/lnd.js';

/** Field numbers: lnd v0.21.2-beta. */
const method = methodsOf(`
syntax = "proto3";
message ListChannelsRequest { bool active_only = 1; }
message ListChannelsResponse { repeated Channel channels = 11; }
message Channel {
  bool active = 1; string remote_pubkey = 2; string channel_point = 3; repeated HTLC pending_htlcs = 15;
}
message HTLC { bool incoming = 1; bytes hash_lock = 3; uint64 htlc_index = 5; }
message ChannelPoint { string funding_txid_str = 2; uint32 output_index = 3; }
message CloseChannelRequest { ChannelPoint channel_point = 1; bool force = 2; }
message CloseStatusUpdate { PendingUpdate close_pending = 1; }
message PendingUpdate { bytes txid = 1; }
`);
const hex = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('hex'));
const listChannels = method(
  '/lnrpc.Lightning/ListChannels',
  'ListChannelsRequest',
  'ListChannelsResponse',
  z.object({
    channels: z.array(
      z.object({
        active: z.boolean(),
        remote_pubkey: z.string(),
        channel_point: z.string(),
        pending_htlcs: z.array(
          z.object({
            incoming: z.boolean(),
            hash_lock: hex,
            htlc_index: z.string().transform(BigInt),
          }),
        ),
      }),
    ),
  }),
);
const closeChannel = method(
  '/lnrpc.Lightning/CloseChannel',
  'CloseChannelRequest',
  'CloseStatusUpdate',
  z.object({}),
);

type Channel = z.output<typeof listChannels.answer>['channels'][number];

export async function channelsOf({ channel }: Lnd): Promise<readonly Channel[]> {
  return (await channel.call(listChannels, {})).channels;
}

/** Undefined where there is none. */
export async function channelBetween(from: Lnd, to: Lnd): Promise<Channel | undefined> {
  const key = await to.publicKey();
  return (await channelsOf(from)).find(({ remote_pubkey: peer }) => peer === key);
}

export async function closeByForce(from: Lnd, to: Lnd): Promise<void> {
  const point = (await channelBetween(from, to))?.channel_point ?? '';
  const [txid, index] = point.split(':');
  await from.channel.first(closeChannel, {
    ...{ channel_point: { funding_txid_str: txid, output_index: Number(index) }, force: true },
  });
}

export async function connect(from: Lnd, to: Lnd): Promise<void> {
  const addr = { pubkey: await to.publicKey(), host: `127.0.0.1:${to.options.peerPort}` };
  await from.channel.call(ADMIN.connectPeer, { addr, perm: false }).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.includes('already connected'))) throw error;
  });
}
