import { setTimeout as pause } from 'node:timers/promises';
import type { JetStreamClient } from 'nats';
import { otaBytes } from '../../domain/transmissions/bid.js';
import type { Channel } from '../../domain/transmissions/channels.js';
import { isMonitored } from '../../domain/transmissions/regions.js';
import type { Logger } from '../shared/logger.js';
import type { StartedMessage } from '../shared/messages/transmissions.js';
import { retry } from '../shared/retry.js';
import { fetchMessage } from './fetch-message.js';
import type { Misses } from './misses.js';
import { sendConfirmation } from './send-confirmation.js';

export interface StationParts {
  readonly js: JetStreamClient;
  readonly logger: Logger;
  readonly apiUrl: string;
  /** How many times faster than the channel's rate. */
  readonly speedup: number;
  readonly misses: Misses;
}

export interface Transmission {
  readonly channel: Channel;
  readonly started: StartedMessage;
  readonly epoch: bigint;
}

export type TransmissionOutcome = 'confirmed' | 'tx_missed' | 'rx_missed' | 'gone' | 'corrupt';

/** One region's part in a transmission: gets the bytes, "sends" them at the channel's rate, confirms. Throws when aborted. */
export async function transmit(
  parts: StationParts,
  region: number,
  { channel, started, epoch }: Transmission,
  signal: AbortSignal,
): Promise<TransmissionOutcome> {
  const { apiUrl, speedup, misses, logger } = parts;
  const bytes = await retry(() => fetchMessage(apiUrl, started, signal), {
    signal,
    onFailure: (err) => logger.warn({ err, region }, 'the message cannot be had yet'),
  });
  if (bytes === 'gone' || bytes === 'corrupt') return bytes;
  const sending = { uuid: started.uuid, txSeqNum: started.tx_seq_num };
  const onAirMs = (otaBytes(bytes.length) / channel.rate / speedup) * 1000;
  await pause(onAirMs, undefined, { signal });
  if (misses.take(region, 'tx', sending)) return 'tx_missed';
  const confirmation = { ...sending, region, attempt: started.attempt, epoch };
  await sendConfirmation({ ...parts, signal }, 'tx', confirmation);
  if (!isMonitored(region)) return 'confirmed';
  if (misses.take(region, 'rx', sending)) return 'rx_missed';
  await sendConfirmation({ ...parts, signal }, 'rx', confirmation);
  return 'confirmed';
}
