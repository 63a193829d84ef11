import { z } from 'zod';
import { parseExactJson } from '../../../domain/credits/exact-json.js';
import { usOfIso } from '../../../domain/credits/time.js';

/** The format of a file of test cases for the credit ledger: steps, and the expected state after them. Numbers are exact. */

const time = z.string().transform((text, context) => {
  const at = usOfIso(text);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'is not a time' });
  return z.NEVER;
});

const integer = z.bigint();
const index = z.bigint().transform(Number);
const text = z.string().nullish();
const record = z.record(z.string(), z.unknown());
const balances = z.record(z.string(), integer);

const steps = {
  ref: z.string(),
  at: time,
  credits: z.array(record),
};

const historyRow = z.object({
  address: z.string(),
  amount: integer,
  credit_ref: z.string(),
  credit_index: index,
  at: time,
  expiration: time.nullish(),
  payment_method: text,
  origin: text,
  origin_ref: text,
  tx_hash: text,
  token: text,
  chain: text,
  provider: text,
  price: text,
});

const step = z.discriminatedUnion('op', [
  z.object({ op: z.literal('distribute'), ...steps, token: text, chain: text }),
  z.object({ op: z.literal('expense'), ...steps }),
  z.object({
    op: z.literal('transfer'),
    ...steps,
    sender: z.string(),
    whitelist: z.array(z.string()).default([]),
  }),
  z.object({ op: z.literal('history_insert'), rows: z.array(historyRow) }),
  z.object({ op: z.literal('rebuild'), addresses: z.array(z.string()).optional() }),
  z.object({ op: z.literal('check'), now: time, balances }),
  z.object({ op: z.literal('set_history_origin'), ref: z.string(), origin: text }),
  z.object({ op: z.literal('resource_message'), item_hash: z.string(), type: z.string() }),
  z.object({
    op: z.literal('resource_cost'),
    owner: z.string(),
    item_hash: z.string(),
    type: z.string(),
    credits_per_second: z.string(),
  }),
  z.object({ op: z.literal('affordability_sweep') }),
  z.object({
    op: z.literal('submit'),
    kind: z.enum(['distribution', 'expense', 'transfer']),
    sender: z.string(),
    channel: text,
    issuers: z.array(z.string()),
    ref: z.string(),
    at: time,
    content: z.unknown(),
  }),
  z.object({
    op: z.literal('parse'),
    kind: z.enum(['distribution', 'expense', 'transfer']),
    content: z.unknown(),
  }),
]);
export type Step = z.output<typeof step>;

const read = z.object({ fn: z.string(), args: record.default({}), result: z.unknown() });
export type Read = z.output<typeof read>;

const expectation = z.object({
  balances: balances.optional(),
  lots: z.array(record).optional(),
  balances_at: z.array(z.object({ now: time, balances })).default([]),
  history: z.array(record).optional(),
  reads: z.array(read).default([]),
  submit: z.string().optional(),
  reason: z.string().optional(),
  schema: z.enum(['valid', 'invalid']).optional(),
  normalised: record.optional(),
  resource_status: z.record(z.string(), z.string()).optional(),
});

const vectorCase = z.object({
  id: z.union([z.bigint(), z.string()]).transform(String),
  name: z.string().default(''),
  now: time,
  steps: z.array(step),
  expect: expectation,
});
export type VectorCase = z.output<typeof vectorCase>;

/** Throws SyntaxError or ZodError. */
export function parseVectors(text: string): readonly VectorCase[] {
  return z.array(vectorCase).parse(parseExactJson(text));
}
