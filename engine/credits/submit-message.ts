import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import {
  checkSender,
  type Envelope,
  type MessagePolicy,
  isIssuer,
  isAuthorized,
} from '../../domain/credits/authorization.js';
import { parseMessage } from '../../domain/credits/messages.js';
import type { Us } from '../../domain/credits/time.js';
import { checkAffordability, type StatusChange } from './affordability.js';
import { announceResources } from './announce-resources.js';
import { applyMessage } from './apply-message.js';
import type { HistoryRow } from './history-rows.js';

export interface SubmittedMessage extends Envelope {
  /** Its hash. */
  readonly ref: string;
  readonly atUs: Us;
  /** As parsed by parseExactJson. */
  readonly content: unknown;
}

/** `confirmed`: it was there already. `accepted_without_effect`: a post like any other, the ledger has nothing to do with it. */
export interface MessageOutcome {
  readonly outcome: 'accepted' | 'confirmed' | 'accepted_without_effect';
  readonly rows: readonly HistoryRow[];
  readonly resources: readonly StatusChange[];
}

/** A message of the peer's, through its gate and validation into ledger `aleph`. Throws Refusal: nothing of it is kept then. */
export async function submitMessage(
  pool: Pool,
  gate: MessagePolicy,
  submitted: SubmittedMessage,
): Promise<MessageOutcome> {
  if (!isAuthorized(gate, submitted)) {
    return { outcome: 'accepted_without_effect', rows: [], resources: [] };
  }
  const { sender, ref, atUs } = submitted;
  const message = parseMessage(submitted.kind, submitted.content);
  checkSender(message, sender);
  const senderIsIssuer = isIssuer(gate, sender);
  return inTransaction(pool, async (tx) => {
    const applied = await applyMessage(tx, { ref, atUs, sender, senderIsIssuer, message });
    if (applied.replayed) return { outcome: 'confirmed', rows: [], resources: [] };
    const resources: StatusChange[] = [];
    for (const address of new Set(applied.rows.map((row) => row.address))) {
      const changes = await checkAffordability(tx, address);
      await announceResources(tx, address, changes);
      resources.push(...changes);
    }
    return { outcome: 'accepted', rows: applied.rows, resources };
  });
}
