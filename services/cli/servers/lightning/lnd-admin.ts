import { z } from 'zod';
import { methodsOf } from '../../../../adapters/lightning/lnd/codec.js';

/** What it takes to set a network up, beside what our processes call. Field numbers: lnd v0.21.2-beta, lnrpc/lightning.proto. */
const ADMIN_PROTO = `
syntax = "proto3";
message Empty {}
message NewAddressRequest { int32 type = 1; }
message NewAddressResponse { string address = 1; }
message SendCoinsRequest { string addr = 1; int64 amount = 2; uint64 sat_per_vbyte = 4; }
message SendCoinsResponse { string txid = 1; }
message LightningAddress { string pubkey = 1; string host = 2; }
message ConnectPeerRequest { LightningAddress addr = 1; bool perm = 2; }
message DisconnectPeerRequest { string pub_key = 1; }
message OpenChannelRequest {
  uint64 sat_per_vbyte = 1; bytes node_pubkey = 2; int64 local_funding_amount = 4; int64 push_sat = 5;
}
message ChannelPoint { bytes funding_txid_bytes = 1; uint32 output_index = 3; }
message ListChannelsRequest { bool active_only = 1; }
message ListChannelsResponse { repeated Channel channels = 11; }
message Channel { bool active = 1; string remote_pubkey = 2; }
message ChannelGraphRequest { bool include_unannounced = 1; }
message ChannelGraph { repeated ChannelEdge edges = 2; }
message ChannelEdge { RoutingPolicy node1_policy = 7; RoutingPolicy node2_policy = 8; }
message RoutingPolicy { uint32 time_lock_delta = 1; }
message WalletBalanceResponse { int64 confirmed_balance = 2; }
`;

const method = methodsOf(ADMIN_PROTO);
/** An object: grpc-js takes null and undefined for no answer. */
const nothing = z.object({});
const policy = z.unknown().transform((given) => given !== null);

export const ADMIN = {
  newAddress: method(
    '/lnrpc.Lightning/NewAddress',
    'NewAddressRequest',
    'NewAddressResponse',
    z.object({ address: z.string() }).transform(({ address }) => address),
  ),
  sendCoins: method('/lnrpc.Lightning/SendCoins', 'SendCoinsRequest', 'SendCoinsResponse', nothing),
  connectPeer: method('/lnrpc.Lightning/ConnectPeer', 'ConnectPeerRequest', 'Empty', nothing),
  disconnectPeer: method(
    '/lnrpc.Lightning/DisconnectPeer',
    'DisconnectPeerRequest',
    'Empty',
    nothing,
  ),
  openChannel: method(
    '/lnrpc.Lightning/OpenChannelSync',
    'OpenChannelRequest',
    'ChannelPoint',
    nothing,
  ),
  listChannels: method(
    '/lnrpc.Lightning/ListChannels',
    'ListChannelsRequest',
    'ListChannelsResponse',
    z
      .object({ channels: z.array(z.object({ active: z.boolean() })) })
      .transform(({ channels }) => channels),
  ),
  describeGraph: method(
    '/lnrpc.Lightning/DescribeGraph',
    'ChannelGraphRequest',
    'ChannelGraph',
    z
      .object({ edges: z.array(z.object({ node1_policy: policy, node2_policy: policy })) })
      .transform(({ edges }) => edges),
  ),
  walletBalance: method(
    '/lnrpc.Lightning/WalletBalance',
    'Empty',
    'WalletBalanceResponse',
    z.object({ confirmed_balance: z.string().transform(BigInt) }),
  ),
} as const;
