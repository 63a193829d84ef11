/**
 * What we read and write of lnd's messages, with lnd's field numbers. Source: lnd v0.21.2-beta, lnrpc/lightning.proto,
 * lnrpc/stateservice.proto, invoicesrpc/invoices.proto, routerrpc/router.proto. A field that is not here is skipped by the decoder.
 */
export const LND_PROTO = `
syntax = "proto3";

message Empty {}

message GetStateResponse { WalletState state = 1; }
enum WalletState {
  NON_EXISTING = 0; LOCKED = 1; UNLOCKED = 2; RPC_ACTIVE = 3; SERVER_ACTIVE = 4; WAITING_TO_START = 255;
}

message GetInfoResponse {
  string identity_pubkey = 1;
  uint32 block_height = 6;
  bool synced_to_chain = 9;
  string version = 14;
  repeated Chain chains = 16;
}
message Chain { string network = 2; }

message ChannelBalanceResponse { Amount local_balance = 3; Amount remote_balance = 4; }
message Amount { uint64 msat = 2; }

message Invoice {
  string memo = 1;
  bytes r_preimage = 3;
  bytes r_hash = 4;
  int64 creation_date = 7;
  int64 settle_date = 8;
  string payment_request = 9;
  bytes description_hash = 10;
  int64 expiry = 11;
  uint64 cltv_expiry = 13;
  bool private = 15;
  uint64 add_index = 16;
  uint64 settle_index = 17;
  int64 amt_paid_msat = 20;
  enum InvoiceState { OPEN = 0; SETTLED = 1; CANCELED = 2; ACCEPTED = 3; }
  InvoiceState state = 21;
  repeated InvoiceHTLC htlcs = 22;
  int64 value_msat = 23;
  bool is_keysend = 25;
  bool is_amp = 27;
}
message InvoiceHTLC {
  uint64 amt_msat = 3;
  int32 accept_height = 4;
  int32 expiry_height = 7;
  InvoiceHTLCState state = 8;
}
enum InvoiceHTLCState { HTLC_ACCEPTED = 0; HTLC_SETTLED = 1; HTLC_CANCELED = 2; }

message AddInvoiceResponse { bytes r_hash = 1; string payment_request = 2; uint64 add_index = 16; }
message PaymentHash { bytes r_hash = 2; }
message InvoiceSubscription { uint64 add_index = 1; uint64 settle_index = 2; }
message ListInvoiceRequest { bool pending_only = 1; uint64 index_offset = 4; uint64 num_max_invoices = 5; }
message ListInvoiceResponse { repeated Invoice invoices = 1; uint64 last_index_offset = 2; }

message AddHoldInvoiceRequest {
  string memo = 1;
  bytes hash = 2;
  bytes description_hash = 4;
  int64 expiry = 5;
  uint64 cltv_expiry = 7;
  bool private = 9;
  int64 value_msat = 10;
}
message AddHoldInvoiceResp { string payment_request = 1; uint64 add_index = 2; }
message SettleInvoiceMsg { bytes preimage = 1; }
message CancelInvoiceMsg { bytes payment_hash = 1; }
message SubscribeSingleInvoiceRequest { bytes r_hash = 2; }

message PayReqString { string pay_req = 1; }
message PayReq {
  string destination = 1;
  string payment_hash = 2;
  int64 timestamp = 4;
  int64 expiry = 5;
  string description = 6;
  string description_hash = 7;
  int64 cltv_expiry = 9;
  repeated RouteHint route_hints = 10;
  int64 num_msat = 12;
  map<uint32, Feature> features = 13;
}
message Feature { string name = 2; }
message RouteHint { repeated HopHint hop_hints = 1; }
message HopHint {
  string node_id = 1;
  uint64 chan_id = 2;
  uint32 fee_base_msat = 3;
  uint32 fee_proportional_millionths = 4;
  uint32 cltv_expiry_delta = 5;
}

message SendPaymentRequest {
  string payment_request = 5;
  int32 timeout_seconds = 6;
  int32 cltv_limit = 9;
  int64 amt_msat = 12;
  int64 fee_limit_msat = 13;
  bool allow_self_payment = 15;
  uint32 max_parts = 17;
  bool no_inflight_updates = 18;
  bool cancelable = 24;
}
message TrackPaymentRequest { bytes payment_hash = 1; bool no_inflight_updates = 2; }
message TrackPaymentsRequest { bool no_inflight_updates = 1; }
message Payment {
  string payment_hash = 1;
  string payment_preimage = 6;
  int64 value_msat = 8;
  enum PaymentStatus { UNKNOWN = 0; IN_FLIGHT = 1; SUCCEEDED = 2; FAILED = 3; INITIATED = 4; }
  PaymentStatus status = 10;
  int64 fee_msat = 12;
  int64 creation_time_ns = 13;
  repeated HTLCAttempt htlcs = 14;
  uint64 payment_index = 15;
  PaymentFailureReason failure_reason = 16;
}
enum PaymentFailureReason {
  FAILURE_REASON_NONE = 0;
  FAILURE_REASON_TIMEOUT = 1;
  FAILURE_REASON_NO_ROUTE = 2;
  FAILURE_REASON_ERROR = 3;
  FAILURE_REASON_INCORRECT_PAYMENT_DETAILS = 4;
  FAILURE_REASON_INSUFFICIENT_BALANCE = 5;
  FAILURE_REASON_CANCELED = 6;
}
message HTLCAttempt {
  enum HTLCStatus { IN_FLIGHT = 0; SUCCEEDED = 1; FAILED = 2; }
  HTLCStatus status = 1;
  Route route = 2;
}
message Route { uint32 total_time_lock = 1; int64 total_fees_msat = 5; }
message QueryRoutesRequest {
  string pub_key = 1;
  int32 final_cltv_delta = 4;
  FeeLimit fee_limit = 5;
  bool use_mission_control = 9;
  int64 amt_msat = 12;
  repeated RouteHint route_hints = 16;
}
message FeeLimit { int64 fixed_msat = 3; }
message QueryRoutesResponse { repeated Route routes = 1; }
`;
