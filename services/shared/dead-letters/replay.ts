import { headers, type JetStreamClient, type JetStreamManager } from 'nats';
import { EPOCH_HEADER } from '../../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from '../publish.js';
import { streamOfSubject } from '../streams.js';
import type { DeadLetter } from './read.js';

/**
 * Publishes the message where it was first, once more, and removes the letter when it is stored there. Its id is made of the
 * letter, so that it is applied once however often this is interrupted and done again. A message that is refused again dies
 * again, as another letter.
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
