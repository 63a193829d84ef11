import type { JetStreamClient } from 'nats';
import type { NodeEvent } from '../../../adapters/lightning/port.js';
import type { StreamName } from '../../../domain/names/subjects.js';
import type { Logger } from '../../shared/logger.js';
import { paymentMessageOf } from '../../shared/messages/payments.js';
import { publish } from '../../shared/publish.js';
import { retry } from '../../shared/retry.js';
import type { SigningKey } from '../../shared/signatures/keys.js';

export interface Publisher {
  readonly jetStream: Pick<JetStreamClient, 'publish'>;
  readonly logger: Logger;
  /** Of the installation: consumers ignore messages of other epochs. */
  readonly epoch: bigint;
  /** The public key of the node that is watched. */
  readonly node: string;
  /** Left out: events are published unsigned. */
  readonly signingKey?: SigningKey;
  /** Called for each try that failed. */
  readonly onFailed?: () => void;
}

const STREAM: StreamName = 'PAYMENTS';
const PUBLISH_TIMEOUT_MS = 2_000;
/** Somebody has paid and waits: NATS is asked soon again. */
const LONGEST_PAUSE_MS = 1_000;

/** Tries until JetStream has stored the event. Throws only when aborted. */
export function publishEvent(
  publisher: Publisher,
  event: NodeEvent,
  signal: AbortSignal,
): Promise<void> {
  return retry(() => publishOnce(publisher, event), {
    signal,
    longestPauseMs: LONGEST_PAUSE_MS,
    onFailure: (err) => {
      publisher.onFailed?.();
      publisher.logger.warn(
        { err, hash: event.hash },
        'could not publish an event to NATS: trying again',
      );
    },
  });
}

/**
 * The message id contains the epoch: after a reset of our data the same events are published again and
 * must not count as duplicates of the old ones.
 */
function publishOnce(
  { jetStream, node, epoch, signingKey: key }: Publisher,
  event: NodeEvent,
): Promise<void> {
  const messageId = `${node}/${epoch.toString()}/${event.cursor.toString()}`;
  const message = { ...paymentMessageOf(event, node), messageId, epoch };
  return publish(jetStream, message, key && { key, node }, {
    timeout: PUBLISH_TIMEOUT_MS,
    expect: { streamName: STREAM },
  });
}
