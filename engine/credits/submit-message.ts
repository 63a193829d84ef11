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
import { checkAffordability, type StatusChange, announceResources } from './affordability.js';
import { applyMessage } from './apply-message.js';
import type { HistoryRow } from './history-rows.js';

export interface SubmittedMessage extends Envelope {
  /** The message's hash. */
  readonly ref: string;
  readonly atUs: Us;
  /** The result of parseExactJson. */
  readonly content: unknown;
}

/** `confirmed`: it was applied before. `accepted_without_effect`: the policy does not let it change the ledger. */
export interface MessageOutcome {
  readonly outcome: 'accepted' | 'confirmed' | 'accepted_without_effect';
  readonly rows: readonly HistoryRow[];
  readonly resources: readonly StatusChange[];
}

/** Checks a message against the policy, validates it and applies it to ledger `aleph`. Throws Refusal: nothing is stored then. */
export async function submitMessage(
  pool: Pool,
  policy: MessagePolicy,
  submitted: SubmittedMessage,
): Promise<MessageOutcome> {
  if (!isAuthorized(policy, submitted)) {
    return { outcome: 'accepted_without_effect', rows: [], resources: [] };
  }
  const { sender, ref, atUs } = submitted;
  const message = parseMessage(submitted.kind, submitted.content);
  checkSender(message, sender);
  const senderIsIssuer = isIssuer(policy, sender);
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
