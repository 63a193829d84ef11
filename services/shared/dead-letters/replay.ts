import { headers, type JetStreamClient, type JetStreamManager } from 'nats';
import { FIRST_ID_HEADER, MESSAGE_ID_HEADER } from '../messages/raw-message.js';
import { streamOfSubject } from '../streams.js';
import type { DeadLetter } from './read.js';

/**
 * Publishes the message to its subject again, and deletes the dead letter once the message is stored. Its id on the stream is derived
 * from the letter; it is deduped by the id with which it was first published, which its signature covers. So it is applied once even
 * when a replay is interrupted and repeated. A message that is refused again becomes a new dead letter.
 */
export async function replayDeadLetter(
  js: JetStreamClient,
  manager: JetStreamManager,
  letter: DeadLetter,
): Promise<void> {
  const { seq, subject, messageId, kept, diedAt } = letter;
  if (streamOfSubject(subject) === undefined) {
    throw new Error(`letter ${seq}: no stream keeps ${JSON.stringify(subject)}`);
  }
  const found = headers();
  found.set(MESSAGE_ID_HEADER, `replay/${diedAt}/${seq}`);
  if (messageId !== undefined) found.set(FIRST_ID_HEADER, messageId);
  for (const [name, value] of Object.entries(kept)) found.set(name, value);
  await js.publish(subject, letter.body, { headers: found });
  await manager.streams.deleteMessage('DEADLETTERS', seq, false);
}
