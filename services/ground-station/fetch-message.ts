import { createHash } from 'node:crypto';
import type { StartedMessage } from '../shared/messages/transmissions.js';

const FETCH_TIMEOUT_MS = 30_000;

/** `gone`: there is no such message. `corrupt`: it is not the one that was announced. */
export type Fetched = Buffer | 'gone' | 'corrupt';

/** Gets the bytes to send from the Satellite API. Throws when it does not answer, or not now. */
export async function fetchMessage(
  apiUrl: string,
  started: StartedMessage,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = new URL(`/message/${started.tx_seq_num}`, apiUrl);
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
  });
  if (!response.ok) {
    await response.body?.cancel();
    if (response.status === 404) return 'gone';
    throw new Error(`${url.href} answers ${response.status}`);
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  const digest = createHash('sha256').update(bytes).digest('hex');
  const asAnnounced = bytes.length === started.message_size && digest === started.message_digest;
  return asAnnounced ? bytes : 'corrupt';
}
