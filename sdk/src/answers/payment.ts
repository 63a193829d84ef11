import { z } from 'zod';
import { id, msatText, rowId, time } from './values.js';

const asset = z.enum(['CREDITS', 'SATS']);

const transition = z.object({
  id: rowId,
  event: z.string(),
  fromState: z.string().nullable(),
  toState: z.string(),
  reason: z.string().nullable(),
  at: time,
});

const leg = z.object({
  n: z.int().min(1),
  side: z.enum(['in', 'out', 'refund', 'conversion']),
  kind: z.string(),
  asset,
  holder: z.string().nullable().meta({
    description: 'Name of an account or a system account; null for a conversion.',
  }),
  plannedMsat: msatText.nullable(),
  actualMsat: msatText.nullable().meta({ description: 'Null until it has moved.' }),
});

const nodeView = z
  .object({
    answer: z.enum(['known', 'unknown_hash', 'none', 'not_asked']),
    state: z.string().nullable(),
    receivedMsat: msatText.nullable(),
    error: z.string().nullable(),
  })
  .meta({ description: 'What the node says now. none: it did not answer in time, or failed.' });

const invoice = z.object({
  hash: z.string(),
  kind: z.enum(['ordinary', 'hold']),
  state: z.string().meta({ description: 'Ours: as of the last update that was applied.' }),
  bolt11: z.string().nullable().meta({ description: 'Shortened.' }),
  amountMsat: msatText,
  receivedMsat: msatText,
  createdAt: time,
  expiresAt: time.nullable(),
  acceptHeight: z.int().nullable(),
  expiryHeight: z.int().nullable().meta({
    description: 'Of the HTLCs that a payee is paid for: the height at which the first expires.',
  }),
  node: nodeView,
});

const outgoingView = z
  .object({
    answer: z.enum(['known', 'unknown_hash', 'none', 'not_asked']),
    state: z.string().nullable(),
    expiryHeight: z.int().nullable().meta({
      description: 'While HTLCs are in flight: the highest height at which one expires.',
    }),
    error: z.string().nullable(),
  })
  .meta({ description: 'What the node says of it now.' });

const outgoing = z.object({
  hash: z.string(),
  wallet: z.string().nullable().meta({ description: 'Null for a withdrawal.' }),
  state: z.string(),
  amountMsat: msatText,
  maxFeeMsat: msatText,
  feeMsat: msatText.nullable(),
  maxHeight: z.int().nullable(),
  failure: z.string().nullable(),
  node: outgoingView,
  atPayee: z.enum(['received', 'not_received', 'not_said']).meta({
    description: 'What the wallet of the payee says, where it can be asked. It decides nothing.',
  }),
  sends: z.array(
    z.object({
      n: z.int().min(1),
      lease: z.int(),
      process: z.string(),
      sentAt: time,
      answer: z.string().nullable().meta({ description: 'Null while it is not known.' }),
      answeredAt: time.nullable(),
    }),
  ),
});

const attempt = z.object({
  workflowId: z.string().meta({ description: 'In Temporal’s UI.' }),
  attempt: z.int().nullable().meta({ description: 'Null for an order.' }),
  flow: z.string().nullable(),
  state: z.string(),
  reason: z.string().nullable(),
  openedAt: time,
  deadlineAt: time.nullable(),
  dueAt: time.nullable(),
  sweeps: z.int().min(0).meta({ description: 'How often the sweep has acted since dueAt.' }),
  sweptAt: time.nullable(),
  typeFailures: z.int().min(0),
  transitions: z.array(transition).meta({ description: 'Oldest first; the newest 200.' }),
  legs: z.array(leg),
  invoices: z.array(invoice),
  payments: z.array(outgoing).meta({ description: 'What it pays to the outside.' }),
  walletTries: z
    .array(z.object({ wallet: z.string(), failure: z.string(), at: time }))
    .meta({ description: 'Wallets of the payee that were of no use.' }),
});

const claim = z.object({
  attempt: z.int().nullable(),
  amountMsat: msatText,
  state: z.enum(['open', 'reserved', 'collected']),
  collectedBy: z.string().nullable(),
  openedAt: time,
  changedAt: time,
});

const entry = z.object({
  key: z.string(),
  at: time,
  postings: z.array(z.object({ holder: z.string(), asset, amountMsat: msatText })),
});

const openRow = z.object({
  kind: z.string(),
  subject: z.string(),
  since: time,
  tries: z.int().min(0),
  lastError: z.string().nullable(),
});

/** Everything about the payment of an action or an order, for operators. */
export const paymentStoryAnswer = z
  .object({
    kind: z.enum(['action', 'order']),
    id,
    state: z.string(),
    about: z.string().meta({ description: 'The action’s type, or the order’s channel.' }),
    actor: z.string().nullable(),
    openedBy: z.string().nullable().meta({
      description: 'How an action came in: http, start_token or trusted_start.',
    }),
    costMsat: msatText,
    createdAt: time,
    height: z.int().nullable().meta({
      description: 'Of the chain, now, where something ends at a height and the node says it.',
    }),
    attempts: z.array(attempt).meta({ description: 'Oldest first; the newest 50.' }),
    claims: z.array(claim),
    ledger: z.array(entry),
    outbox: z
      .array(openRow)
      .meta({ description: 'What is still to be delivered or called, oldest first.' }),
  })
  .meta({ id: 'PaymentStory' });
