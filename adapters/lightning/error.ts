/**
 * What an error of a node means. `refused`: the node refused, nothing happened. `unavailable`: the node was not
 * reached, nothing happened. `unknown`: it may have happened; look it up before deciding.
 */
export type LightningErrorKind = 'refused' | 'unknown' | 'unavailable';

export const LIGHTNING_REFUSALS = [
  'duplicate_hash',
  'not_held',
  'already_canceled',
  'already_settled',
  'unknown_hash',
  'unknown_preimage',
  'invoice_expired',
  'invoice_unpayable',
  'insufficient_balance',
  /** The payment exists, in flight or succeeded: look it up. */
  'already_exists',
  /** The invoice is the node's own. */
  'self_payment',
  /** The bolt11 has another hash than the caller expected. */
  'hash_mismatch',
  /** The height limit leaves less than the payee's final delta and its padding. */
  'height_limit_too_low',
  'bad_request',
] as const;

export type LightningRefusal = (typeof LIGHTNING_REFUSALS)[number];

/** Why a node is unavailable for longer than a restart takes: an operator has to act. */
export const NODE_ALARMS = [
  ...(['locked', 'starting', 'permission_denied'] as const),
  ...(['wrong_network', 'wrong_node'] as const),
] as const;
export type NodeAlarm = (typeof NODE_ALARMS)[number];

interface UnavailableOptions extends ErrorOptions {
  readonly alarm?: NodeAlarm;
}

export class LightningError extends Error {
  override readonly name = 'LightningError';

  private constructor(
    readonly kind: LightningErrorKind,
    readonly code: LightningRefusal | 'unknown' | 'unavailable',
    message: string,
    options?: ErrorOptions,
    readonly alarm?: NodeAlarm,
  ) {
    super(message, options);
  }

  static refused(code: LightningRefusal, message: string): LightningError {
    return new LightningError('refused', code, message);
  }

  static unknown(message: string, options?: ErrorOptions): LightningError {
    return new LightningError('unknown', 'unknown', message, options);
  }

  /** A locked, starting or forbidding node is unavailable, never a refusal: nothing follows from it for a payment. */
  static unavailable(message: string, options?: UnavailableOptions): LightningError {
    return new LightningError('unavailable', 'unavailable', message, options, options?.alarm);
  }
}
