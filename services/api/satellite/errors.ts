import { STATUS_CODES } from 'node:http';
import type { Refusal } from '../../../domain/refusal.js';

/** The peer's coded errors: HTTP status, title, detail. Defined only here. */
const CODED = {
  102: [400, 'Bid too low', 'The minimum bid for this message is {} millisatoshis.'],
  104: [404, 'Order not found', 'UUID {} not found'],
  109: [401, 'Unauthorized', 'Invalid authentication token'],
  110: [400, 'Invoice Creation Error', 'Lightning Charge invoice creation error'],
  111: [400, 'Invoice Creation Error', 'Lightning Charge webhook registration error'],
  112: [404, 'Not found', 'Invoice id {} not found'],
  114: [404, 'Sequence number not found', 'Sent order with sequence number {} not found'],
  117: [400, 'Message too small', 'Minimum message size is 1 byte'],
  118: [413, 'Message too large', 'Message size exceeds max size of {} MB'],
  120: [400, 'Cannot cancel order', 'Order already {}'],
  121: [400, 'Cannot bump order', 'Order already {}'],
  122: [404, 'Payment problem', 'Orphaned invoice'],
  123: [400, 'Payment problem', 'Invoice already paid'],
  126: [400, 'Message upload problem', 'Either a message file or a message parameter is required'],
  128: [
    500,
    'Lightning Charge communication error',
    'Failed to fetch information about the Lightning node',
  ],
  129: [400, 'Payment problem', 'Invoice already expired'],
  130: [401, 'Unauthorized channel operation', 'Operation not supported on channel {}'],
} as const;

export type SatelliteCode = keyof typeof CODED;

/** An answer other than 200; `body` is sent as JSON. */
export class SatelliteError extends Error {
  override readonly name = 'SatelliteError';

  private constructor(
    readonly status: number,
    readonly body: unknown,
    /** Sent as it is where it is not JSON. */
    readonly type: 'json' | 'html' | 'text' = 'json',
  ) {
    super(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** `about` replaces `{}` in the detail. */
  static coded(code: SatelliteCode, about: string | number | bigint = ''): SatelliteError {
    const [status, title, text] = CODED[code];
    const detail = text.replace('{}', String(about));
    return new SatelliteError(status, { message: title, errors: [{ title, detail, code }] });
  }

  /** What is wrong, by field. */
  static fields(texts: Readonly<Record<string, readonly string[]>>, status = 400): SatelliteError {
    return new SatelliteError(status, texts);
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

  /** A page, as the peer's server and front answer it. */
  static page(status: number, body: string): SatelliteError {
    return new SatelliteError(status, body, 'html');
  }

  static text(status: number, body: string): SatelliteError {
    return new SatelliteError(status, body, 'text');
  }

  static forbidden(): SatelliteError {
    return SatelliteError.page(403, FORBIDDEN_PAGE);
  }

  static notFound(): SatelliteError {
    return SatelliteError.page(404, NOT_FOUND_PAGE);
  }

  /** Not of the peer's: it has no limits. */
  static tooManyUnpaid({ status, title, detail, code }: Refusal): SatelliteError {
    return new SatelliteError(status, {
      message: 'Too Many Requests',
      errors: [{ title, detail, code }],
    });
  }

  static message(status: number, message: string): SatelliteError {
    return new SatelliteError(status, { message });
  }
}

/** What the peer's server answers where it has no route. */
export const NOT_FOUND_PAGE = `<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>
`;

const FORBIDDEN_PAGE = `<html>
<head><title>403 Forbidden</title></head>
<body>
<center><h1>403 Forbidden</h1></center>
</body>
</html>
`;

export function tooLarge(maxBytes: number): SatelliteError {
  return SatelliteError.coded(118, (maxBytes / 2 ** 20).toFixed(2));
}
