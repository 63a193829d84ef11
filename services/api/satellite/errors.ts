import { STATUS_CODES } from 'node:http';
import type { Refusal } from '../../../domain/refusal.js';

/** The peer's coded errors: HTTP status, title, detail. Defined only here. */
const CODED = {
  102: [400, 'Bid too low', 'The minimum bid for this message is {} millisatoshis.'],
  104: [404, 'Order not found', 'UUID {} not found'],
  109: [401, 'Unauthorized', 'Invalid authentication token'],
  110: [400, 'Invoice Creation Error', 'Lightning Charge invoice creation error'],
  114: [404, 'Sequence number not found', 'Sent order with sequence number {} not found'],
  117: [400, 'Message too small', 'Minimum message size is 1 byte'],
  118: [413, 'Message too large', 'Message size exceeds max size of {} MB'],
  120: [400, 'Cannot cancel order', 'Order already {}'],
  126: [400, 'Message upload problem', 'Either a message file or a message parameter is required'],
  130: [401, 'Unauthorized channel operation', 'Operation not supported on channel {}'],
} as const;

export type SatelliteCode = keyof typeof CODED;

/** An answer other than 200; `body` is sent as JSON. */
export class SatelliteError extends Error {
  override readonly name = 'SatelliteError';

  private constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(JSON.stringify(body));
  }

  /** `about` replaces `{}` in the detail. */
  static coded(code: SatelliteCode, about: string | number | bigint = ''): SatelliteError {
    const [status, title, text] = CODED[code];
    const detail = text.replace('{}', String(about));
    return new SatelliteError(status, { message: title, errors: [{ title, detail, code }] });
  }

  /** What is wrong, by field. */
  static fields(texts: Readonly<Record<string, readonly string[]>>): SatelliteError {
    return new SatelliteError(400, texts);
  }

  static bare(status: number, text: string): SatelliteError {
    return new SatelliteError(status, text);
  }

  /** Not of the peer's: it takes no new orders for now, or of this caller. */
  static refused({ status, title, detail, code }: Refusal): SatelliteError {
    return new SatelliteError(status, {
      message: STATUS_CODES[status] ?? 'Refused',
      errors: [{ title, detail, code }],
    });
  }

  static message(status: number, message: string): SatelliteError {
    return new SatelliteError(status, { message });
  }
}

export function tooLarge(maxBytes: number): SatelliteError {
  return SatelliteError.coded(118, (maxBytes / 2 ** 20).toFixed(2));
}
