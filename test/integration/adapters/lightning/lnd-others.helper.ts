import { z } from 'zod';
import { methodsOf } from '../../../../adapters/lightning/lnd/codec.js';

/** What payers and payees of tests do at their nodes. Field numbers: lnd v0.21.2-beta. */
const PROTO = `
syntax = "proto3";
message PayReqString { string pay_req = 1; }
message PayReq {
  string destination = 1; string payment_hash = 2; int64 cltv_expiry = 9; bytes payment_addr = 11; int64 num_msat = 12;
}
message BuildRouteRequest {
  int64 amt_msat = 1; int32 final_cltv_delta = 2; repeated bytes hop_pubkeys = 4; bytes payment_addr = 5;
}
message BuildRouteResponse { Route route = 1; }
message Route {
  uint32 total_time_lock = 1; repeated Hop hops = 4; int64 total_fees_msat = 5; int64 total_amt_msat = 6;
}
message Hop {
  uint64 chan_id = 1; uint32 expiry = 5; int64 amt_to_forward_msat = 6; int64 fee_msat = 7; string pub_key = 8;
  bool tlv_payload = 9; MPPRecord mpp_record = 10;
}
message MPPRecord { int64 total_amt_msat = 10; bytes payment_addr = 11; }
message SendToRouteRequest { bytes payment_hash = 1; Route route = 2; }
message HTLCAttempt { HTLCStatus status = 1; }
enum HTLCStatus { IN_FLIGHT = 0; SUCCEEDED = 1; FAILED = 2; }
message CircuitKey { uint64 chan_id = 1; uint64 htlc_id = 2; }
message Invoice { bytes r_hash = 4; }
message HtlcModifyRequest { Invoice invoice = 1; CircuitKey exit_htlc_circuit_key = 2; uint64 exit_htlc_amt = 3; }
message KeysendRequest {
  bytes dest = 1; bytes payment_hash = 3; int32 final_cltv_delta = 4; int32 timeout_seconds = 6; map<uint64, bytes> dest_custom_records = 11;
  int64 amt_msat = 12; int64 fee_limit_msat = 13;
}
message Payment {
  enum PaymentStatus { UNKNOWN = 0; IN_FLIGHT = 1; SUCCEEDED = 2; FAILED = 3; INITIATED = 4; }
  PaymentStatus status = 10;
}
message HtlcModifyResponse { CircuitKey circuit_key = 1; optional uint64 amt_paid = 2; bool cancel_set = 3; }
`;

const method = methodsOf(PROTO);
const record = z.record(z.string(), z.unknown());
const big = z.string().transform(BigInt);

export const OTHERS = {
  decode: method(
    '/lnrpc.Lightning/DecodePayReq',
    'PayReqString',
    'PayReq',
    z.object({
      destination: z.string(),
      payment_hash: z.string(),
      payment_addr: z.instanceof(Uint8Array),
      cltv_expiry: big,
      num_msat: big,
    }),
  ),
  buildRoute: method(
    '/routerrpc.Router/BuildRoute',
    'BuildRouteRequest',
    'BuildRouteResponse',
    z.object({ route: z.object({ hops: z.array(record) }).loose() }),
  ),
  sendToRoute: method(
    '/routerrpc.Router/SendToRouteV2',
    'SendToRouteRequest',
    'HTLCAttempt',
    z.object({ status: z.string() }),
  ),
  keysend: method(
    '/routerrpc.Router/SendPaymentV2',
    'KeysendRequest',
    'Payment',
    z.object({ status: z.string() }),
  ),
  htlcModifier: method(
    '/invoicesrpc.Invoices/HtlcModifier',
    'HtlcModifyResponse',
    'HtlcModifyRequest',
    z.object({
      invoice: z.object({
        r_hash: z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('hex')),
      }),
      exit_htlc_circuit_key: record,
      exit_htlc_amt: z.string(),
    }),
  ),
} as const;
