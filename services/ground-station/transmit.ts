import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { JetStreamClient } from 'nats';
import { otaBytes } from '../../domain/transmissions/bid.js';
import type { Channel } from '../../domain/transmissions/channels.js';
import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import { isMonitored } from '../../domain/transmissions/regions.js';
import type { Logger } from '../shared/logger.js';
import type { StartedMessage } from '../shared/messages/transmissions.js';
import { retry } from '../shared/retry.js';
import { bearer, confirmByHttp } from './http-confirmation.js';
import type { SigningKey } from '../shared/signatures/keys.js';
import type { Misses } from './misses.js';
import type { Multicast } from './multicast.js';
import { sendConfirmation } from './send-confirmation.js';
import type { Speed } from './speed.js';

export interface StationParts {
  readonly js: JetStreamClient;
  readonly logger: Logger;
  readonly apiUrl: string;
  readonly speed: Speed;
  /** By which way they confirm. */
  readonly confirms: 'nats' | 'http';
  /** For the guarded routes, where they need one. */
  readonly token?: string;
  /** Where what is sent is also multicast. */
  readonly multicast?: Pick<Multicast, 'send'>;
  readonly misses: Misses;
  /** See {@link Confirming}. */
  readonly signingKey?: SigningKey;
}

export interface Transmission {
  readonly channel: Channel;
  readonly started: StartedMessage;
  readonly epoch: bigint;
}

export type TransmissionOutcome = 'confirmed' | 'tx_missed' | 'rx_missed' | 'gone' | 'corrupt';

/**
 * Simulates a transmission in one region: reads the message, waits as long as sending takes at the channel's
 * rate, confirms. Throws when aborted.
 */
export async function transmit(
  parts: StationParts,
  region: number,
  { channel, started, epoch }: Transmission,
  signal: AbortSignal,
): Promise<TransmissionOutcome> {
  const { speed, misses, logger } = parts;
  const bytes = await retry(() => fetchMessage(parts, started, signal), {
    signal,
    onFailure: (err) =>
      logger.warn({ err, region }, 'cannot read the message from the API: trying again'),
  });
  if (bytes === 'gone' || bytes === 'corrupt') return bytes;
  const sending = { uuid: started.uuid, txSeqNum: started.tx_seq_num };
  const onAirMs = (otaBytes(bytes.length) / channel.rate / speed.speedup) * 1000;
  await pause(onAirMs, undefined, { signal });
  if (misses.take(region, 'tx', sending)) return 'tx_missed';
  await parts.multicast?.send(channel.number, started.tx_seq_num, bytes);
  const confirm = (kind: ConfirmationKind): Promise<void> => {
    if (parts.confirms === 'http') {
      const { apiUrl, token } = parts;
      return confirmByHttp({ apiUrl, token, logger, signal }, kind, sending.txSeqNum, region);
    }
    const confirmation = { ...sending, region, attempt: started.attempt, epoch };
    return sendConfirmation({ ...parts, signal }, kind, confirmation);
  };
  await confirm('tx');
  if (!isMonitored(region)) return 'confirmed';
  if (misses.take(region, 'rx', sending)) return 'rx_missed';
  await confirm('rx');
  return 'confirmed';
}

const FETCH_TIMEOUT_MS = 30_000;

/** `gone`: no such message. `corrupt`: not the announced one. */
type Fetched = Buffer | 'gone' | 'corrupt';

/** Reads the message from the Satellite API. Throws when it does not answer, or answers with an error. */
async function fetchMessage(
  { apiUrl, token }: Pick<StationParts, 'apiUrl' | 'token'>,
  started: StartedMessage,
  signal: AbortSignal,
): Promise<Fetched> {
  // The administrators' address, which shows messages of every channel.
  const url = new URL(`/admin/message/${started.tx_seq_num}`, apiUrl);
  const response = await fetch(url, {
    headers: bearer(token),
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
