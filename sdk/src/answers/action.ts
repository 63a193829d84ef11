import { z } from 'zod';
import { id, msatText, nextCursor, time } from './values.js';

/** The states of an attempt. */
export const ATTEMPT_STATES = [
  'INVOICING',
  'WRAPPING',
  'PENDING',
  'PENDING_HELD',
  'HELD',
  'FORWARDING',
  'FORWARDED',
  'WITHDRAWING',
  'CANCELLING',
  'PAID',
  'FAILED',
] as const;

const attemptState = z.enum(ATTEMPT_STATES).meta({ id: 'AttemptState' });

export const invoiceAnswer = z
  .object({
    hash: z.string().meta({ description: 'Payment hash, hex.' }),
    kind: z.enum(['ordinary', 'hold']),
    state: z.enum(['wanted', 'open', 'held', 'settled', 'canceled']),
    bolt11: z
      .string()
      .nullable()
      .meta({ description: 'The invoice for the wallet; null while wanted.' }),
    amountMsat: msatText,
    expiresAt: time.nullable(),
  })
  .meta({ id: 'Invoice' });

export const attemptAnswer = z
  .object({
    attempt: z.int().min(1),
    flow: z.enum(['credits', 'optimistic', 'pessimistic', 'late', 'wrapped', 'withdrawal']),
    state: attemptState,
    reason: z.string().nullable().meta({ description: 'Why it failed.' }),
    openedAt: time,
    changedAt: time,
    invoice: invoiceAnswer.nullable(),
  })
  .meta({ id: 'Attempt' });

export const actionAnswer = z
  .object({
    id,
    type: z.string(),
    actor: z.string().nullable().meta({ description: 'Account name; null when anonymous.' }),
    args: z.unknown(),
    costMsat: msatText,
    createdAt: time,
    state: attemptState.meta({ description: 'State of the newest attempt.' }),
    result: z.record(z.string(), z.string()).meta({
      description: 'Ids of what the action created, like itemId; empty before it was performed.',
    }),
    retryable: z.boolean(),
    claimsMsat: msatText.meta({
      description:
        'Owed to its author without an account, to be collected with the capability; 0 for others.',
    }),
    attempts: z
      .array(attemptAnswer)
      .meta({ description: 'Oldest first; the last one is current.' }),
  })
  .meta({ id: 'Action' });

export const openedAnswer = actionAnswer
  .extend({
    capability: z.string().optional().meta({
      description: 'Only for an action opened without a token: to be sent as Quittance-Capability.',
    }),
  })
  .meta({ id: 'OpenedAction' });

export const collectedAnswer = actionAnswer
  .extend({
    collectedMsat: msatText.meta({ description: 'Credits that the account has got for it.' }),
  })
  .meta({ id: 'CollectedAction' });

export const actionPageAnswer = z
  .object({ actions: z.array(actionAnswer), nextCursor })
  .meta({ id: 'ActionPage' });

/** What each event of an account's own stream has. */
export const ownStateAnswer = z
  .object({
    creditsMsat: msatText,
    satsMsat: msatText,
    unreadNotices: z.int().min(0).max(100),
    open: z.array(actionAnswer).meta({ description: 'Actions that are not over, newest first.' }),
    newest: z.array(actionAnswer).meta({ description: 'The newest actions, in any state.' }),
  })
  .meta({ id: 'OwnState' });
