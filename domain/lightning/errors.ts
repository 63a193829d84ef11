/**
 * How an error from a node is to be read: `refused`, it said no and nothing happened; `unavailable`, it was not reached and
 * nothing happened; `unknown`, it may have happened: ask before deciding.
 */
export type LightningErrorKind = 'refused' | 'unknown' | 'unavailable';

export type LightningRefusal =
  | 'duplicate_hash'
  | 'not_held'
  | 'already_canceled'
  | 'already_settled'
  | 'unknown_hash'
  | 'unknown_preimage'
  | 'invoice_expired'
  | 'invoice_unpayable'
  | 'insufficient_balance'
  | 'bad_request';

export class LightningError extends Error {
  override readonly name = 'LightningError';

  private constructor(
    readonly kind: LightningErrorKind,
    readonly code: LightningRefusal | 'unknown' | 'unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  static refused(code: LightningRefusal, message: string): LightningError {
    return new LightningError('refused', code, message);
  }

  static unknown(message: string, options?: ErrorOptions): LightningError {
    return new LightningError('unknown', 'unknown', message, options);
  }

  static unavailable(message: string, options?: ErrorOptions): LightningError {
    return new LightningError('unavailable', 'unavailable', message, options);
  }
}
