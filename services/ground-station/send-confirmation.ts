import type { JetStreamClient } from 'nats';
import { confirmationSubject } from '../../domain/names/subjects.js';
import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import type { Logger } from '../shared/logger.js';
import type { ConfirmationBody } from '../shared/messages/confirmations.js';
import { publish } from '../shared/publish.js';
import { retry } from '../shared/retry.js';
import type { SigningKey } from '../shared/signatures/keys.js';

/** The order waits for it. */
const LONGEST_PAUSE_MS = 1_000;

export interface Confirming {
  readonly js: JetStreamClient;
  readonly logger: Logger;
  /** Left out: confirmations are published unsigned. */
  readonly signingKey?: SigningKey;
  readonly signal: AbortSignal;
}

/**
 * Publishes a confirmation, until JetStream has stored it. The message id is the same whenever the same
 * transmission is confirmed. It contains the epoch: after a reset of the data the same numbers come again.
 */
export async function sendConfirmation(
  { js, logger, signal, signingKey: key }: Confirming,
  kind: ConfirmationKind,
  sending: Omit<ConfirmationBody, 'at'> & { readonly attempt: number; readonly epoch: bigint },
): Promise<void> {
  const { uuid, txSeqNum, region, attempt, epoch } = sending;
  const body: ConfirmationBody = { uuid, txSeqNum, region, at: new Date().toISOString() };
  const message = {
    subject: confirmationSubject(kind, region),
    body,
    messageId: `station/${epoch}/${txSeqNum}/${attempt}/${kind}/${region}`,
    epoch,
  };
  const signer = key && { key, node: `station/${region}` };
  await retry(() => publish(js, message, signer), {
    signal,
    longestPauseMs: LONGEST_PAUSE_MS,
    onFailure: (err) =>
      logger.warn(
        { err, kind, region, txSeqNum },
        'could not publish a confirmation to NATS: trying again',
      ),
  });
}
