import { headers, type JetStreamClient, type JetStreamManager } from 'nats';
import { EPOCH_HEADER } from '../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../publish.js';
import { streamOfSubject } from '../streams.js';
import type { DeadLetter } from './read.js';

/**
 * Publishes the message to its subject again, and deletes the dead letter once the message is stored. Its id is derived from the
 * letter, so that it is applied once even when a replay is interrupted and repeated. A message that is refused again becomes a new
 * dead letter.
 */
export async function replayDeadLetter(
  js: JetStreamClient,
  manager: JetStreamManager,
  letter: DeadLetter,
): Promise<void> {
  const { seq, subject, epoch, diedAt } = letter;
  if (streamOfSubject(subject) === undefined) {
    throw new Error(`letter ${seq}: no stream keeps ${JSON.stringify(subject)}`);
  }
  const found = headers();
  found.set(MESSAGE_ID_HEADER, `replay/${diedAt}/${seq}`);
  if (epoch !== undefined) found.set(EPOCH_HEADER, epoch);
  await js.publish(subject, letter.body, { headers: found });
  await manager.streams.deleteMessage('DEADLETTERS', seq, false);
}
