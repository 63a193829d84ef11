import type { ClientBase } from 'pg';
import { creditSubject } from '../../domain/names/subjects.js';
import { enqueueEvent } from '../outbox.js';
import type { StatusChange } from './affordability.js';

/** Tells whoever runs the resources which of them are no longer paid for, or are again. */
export async function announceResources(
  tx: ClientBase,
  owner: string,
  changes: readonly StatusChange[],
): Promise<void> {
  for (const { itemHash, status } of changes) {
    await enqueueEvent(tx, {
      subject: creditSubject('aleph', status === 'removing' ? 'unaffordable' : 'affordable'),
      orderingKey: `credits/aleph/${owner}`,
      payload: { owner, itemHash, status },
    });
  }
}
