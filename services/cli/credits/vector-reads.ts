import type { Pool } from 'pg';
import { z } from 'zod';
import type { HistoryFilters } from '../../../engine/credits/history-query.js';
import {
  countBalances,
  listBalances,
  readBalance,
  readBalanceDetails,
} from '../../../engine/credits/read-balance.js';
import {
  readConsumedBy,
  readConsumedByResource,
  readHistory,
  readHistorySummary,
} from '../../../engine/credits/read-history.js';
import { isoOfUs, type Us, usOfIso } from '../../../domain/credits/time.js';
import type { Read } from './vector-file.js';

const ledger = 'aleph';
const number = z.bigint().transform(Number);
const texts = z.array(z.string());

const time = z
  .string()
  .transform((text) => usOfIso(text) ?? 0n)
  .nullish();

const filterArgs = z.object({
  address: z.string(),
  tx_hash: z.string().nullish(),
  token: z.string().nullish(),
  chain: z.string().nullish(),
  provider: z.string().nullish(),
  origin: z.string().nullish(),
  origin_ref: z.string().nullish(),
  payment_method: z.string().nullish(),
  has_expiration: z.boolean().nullish(),
  exclude_payment_method: texts.nullish(),
  start_date: time,
  end_date: time,
  direction: z.enum(['incoming', 'outgoing']).nullish(),
  resource_types: texts.nullish(),
  resource: z.string().nullish(),
});

const historyArgs = filterArgs.extend({
  sort_by: z
    .enum([
      'message_timestamp',
      'expiration_date',
      'payment_method',
      'amount',
      'origin',
      'tx_hash',
      'provider',
    ])
    .default('message_timestamp'),
  sort_order: number.default(-1),
  pagination: number.default(0),
  page: number.default(1),
  cursor_mode: z.boolean().default(false),
  after_sort_value: z.union([z.string(), z.bigint()]).nullish(),
  after_credit_ref: z.string().optional(),
  after_credit_index: number.optional(),
});

const listArgs = z.object({
  min_balance: z.bigint().default(0n),
  pagination: number.default(100),
  page: number.default(1),
  cursor_mode: z.boolean().default(false),
  after_address: z.string().nullish(),
});

const ofAddress = z.object({ address: z.string() });

type ReadFunction = (pool: Pool, args: unknown, now: Us) => Promise<unknown>;

/** pyaleph's read functions by name; results have the form of the files. */
const READS: Readonly<Record<string, ReadFunction>> = {
  balance: (pool, args, now) => readBalance(pool, ledger, ofAddress.parse(args).address, now),
  can_transfer: async (pool, args, now) => {
    const { sender, amount } = z.object({ sender: z.string(), amount: z.bigint() }).parse(args);
    return (await readBalance(pool, ledger, sender, now)) >= amount;
  },
  details: async (pool, args, now) => {
    const details = await readBalanceDetails(pool, ledger, ofAddress.parse(args).address, now);
    return {
      total: details.reduce((sum, { amount }) => sum + amount, 0n),
      details: details.map(({ expiresUs, amount }) => ({
        expiration: expiresUs === null ? null : isoOfUs(expiresUs),
        amount,
      })),
    };
  },
  consumed: async (pool, args) => {
    const { address, item_hash: hash } = z
      .object({ address: z.string().optional(), item_hash: z.string().optional() })
      .parse(args);
    if (address !== undefined) return readConsumedBy(pool, address);
    return (await readConsumedByResource(pool, [hash ?? ''])).get(hash ?? '') ?? 0n;
  },
  consumed_by_resource: async (pool, args) => {
    const { item_hashes: hashes } = z.object({ item_hashes: texts }).parse(args);
    return Object.fromEntries(await readConsumedByResource(pool, hashes));
  },
  list: async (pool, args, now) => {
    const parsed = listArgs.parse(args);
    const { min_balance: minBalance, pagination, page, cursor_mode: cursor } = parsed;
    const rows = await listBalances(pool, {
      ledger,
      minBalance,
      limit: cursor ? pagination + 1 : pagination,
      offset: cursor ? 0 : (page - 1) * pagination,
      afterAddress: parsed.after_address ?? '',
      now,
    });
    return rows.map(({ address, credits }) => [address, credits]);
  },
  count: async (pool, args, now) =>
    countBalances(pool, { ledger, minBalance: listArgs.parse(args).min_balance, now }),
  history: (pool, args) => history(pool, args),
  history_count: async (pool, args) =>
    (await readHistorySummary(pool, of(filterArgs.parse(args)))).entryCount,
  summary: async (pool, args) => {
    const summary = await readHistorySummary(pool, of(filterArgs.parse(args)));
    return {
      entry_count: summary.entryCount,
      total_amount: summary.totalAmount,
      total_incoming: summary.totalIncoming,
      total_outgoing: summary.totalOutgoing,
    };
  },
};

export async function runRead(pool: Pool, { fn, args }: Read, now: Us): Promise<unknown> {
  const read = READS[fn];
  if (read === undefined) throw new Error(`there is no read ${fn}`);
  return read(pool, args, now);
}

async function history(pool: Pool, args: unknown): Promise<unknown> {
  const parsed = historyArgs.parse(args);
  const { pagination, page, cursor_mode: cursor, after_credit_ref: ref } = parsed;
  const value = parsed.after_sort_value;
  const rows = await readHistory(pool, {
    ...of(parsed),
    sortBy: parsed.sort_by,
    descending: parsed.sort_order < 0,
    limit: cursor && pagination > 0 ? pagination + 1 : pagination,
    offset: cursor ? 0 : (page - 1) * pagination,
    ...(ref === undefined
      ? {}
      : {
          after: { value: value?.toString() ?? null, ref, index: parsed.after_credit_index ?? 0 },
        }),
  });
  return rows.map((row) => [row.ref, row.index, row.amount]);
}

function of(args: z.output<typeof filterArgs>): {
  ledger: 'aleph';
  address: string;
  filters: HistoryFilters;
} {
  const filters = {
    txHash: args.tx_hash,
    token: args.token,
    chain: args.chain,
    provider: args.provider,
    origin: args.origin,
    originRef: args.origin_ref,
    paymentMethod: args.payment_method,
    hasExpiration: args.has_expiration,
    excludePaymentMethods: args.exclude_payment_method,
    startUs: args.start_date,
    endUs: args.end_date,
    direction: args.direction,
    resourceTypes: args.resource_types,
    resource: args.resource,
  };
  const present = Object.entries(filters).filter(
    ([, filter]) => filter !== undefined && filter !== null,
  );
  return { ledger, address: args.address, filters: Object.fromEntries(present) };
}
