import {
  type CreateInvoice,
  LightningError,
  type SendPayment,
  type DecodedInvoice,
} from '../port.js';

/** lnd 0.21: what it refuses with texts of its own, checked here first so that a refusal is known to be one. */
const MAX_EXPIRY_SECONDS = 365 * 86_400;
const MIN_FINAL_CLTV = 24;
const MAX_MEMO_BYTES = 639;
/** Blocks that lnd adds to the payee's delta when it pays. */
export const BLOCK_PADDING = 3;
/** lnd's `max-cltv-expiry`; it refuses more. */
const MAX_CLTV_LIMIT = 2016;

export function checkInvoice(request: CreateInvoice): void {
  const { amountMsat, expirySeconds, minFinalCltv = MIN_FINAL_CLTV, memo } = request;
  if (amountMsat <= 0n) refuse('an amount of 0 would be any amount');
  if (expirySeconds > MAX_EXPIRY_SECONDS) refuse('an invoice expires within 365 days');
  if (minFinalCltv < MIN_FINAL_CLTV) refuse(`the final delta is at least ${MIN_FINAL_CLTV} blocks`);
  if (Buffer.byteLength(memo) > MAX_MEMO_BYTES)
    refuse(`a memo has ${MAX_MEMO_BYTES} bytes at most`);
  const given = request.kind === 'hold' ? request.hash : request.preimage;
  if (given === undefined) refuse('a hold invoice needs its hash, an ordinary one its preimage');
}

export function checkSend(request: SendPayment, { hash, amountMsat }: DecodedInvoice): void {
  if (hash !== request.expectedHash) {
    throw LightningError.refused('hash_mismatch', `the invoice has hash ${hash}`);
  }
  const isNamedOnce = (amountMsat === undefined) !== (request.amountMsat === undefined);
  if (!isNamedOnce) refuse('an amount is given where the invoice names none, and only there');
}

/**
 * lnd's limit is a count of blocks from the height at which it looks for a route, so blocks that come while it looks move the
 * height; whoever gives a limit keeps blocks in reserve.
 */
export function cltvLimitOf(maxExpiryHeight: number, height: number, finalDelta: number): number {
  const limit = maxExpiryHeight - height;
  // It wants more than that, and says so by a text only.
  if (limit <= finalDelta + BLOCK_PADDING) {
    throw LightningError.refused('height_limit_too_low', `${limit} blocks are left for a payment`);
  }
  return Math.min(limit, MAX_CLTV_LIMIT);
}

function refuse(message: string): never {
  throw LightningError.refused('bad_request', message);
}
