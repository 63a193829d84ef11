import { z } from 'zod';
import {
  type HistoryFilters,
  SORT_FIELDS,
  type SortField,
} from '../../../engine/credits/history-query.js';
import { type Us, usOfSeconds } from '../../../domain/credits/time.js';
import { isStorable } from '../../../domain/storable.js';

/** Invalid input, answered with 422 in the form of pyaleph's schemas. */
export class Unprocessable extends Error {
  override readonly name = 'Unprocessable';

  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }

  get body(): readonly object[] {
    return [{ type: 'value_error', loc: [this.field], msg: this.message }];
  }
}

const wholeNumber = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'Input should be a valid integer')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

/** PostgreSQL cannot take other texts as parameters. */
export const storable = z.string().refine(isStorable, 'Input should be valid Unicode without NUL');
const text = storable.optional();
const list = storable.transform((value) => value.split(',')).optional();

const flag = z
  .enum(['true', 'false', '1', '0', 'True', 'False', 'yes', 'no', 'on', 'off'])
  .transform((value) => ['true', '1', 'True', 'yes', 'on'].includes(value));

const page = {
  pagination: wholeNumber(1, 1000).default(100),
  page: wholeNumber(1, 1_000_000_000).default(1),
  cursor: text,
};

export const balanceQuery = z.object({ include_credit_details: flag.default(false) });

export const balancesQuery = z.object({
  ...page,
  min_balance: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
});

/** Epoch seconds, 0 and above. */
const seconds = z
  .string()
  .regex(/^\d{1,11}(\.\d{1,6})?$/)
  .transform((value): Us => usOfSeconds(Number(value)))
  .optional();

const filters = z.object({
  tx_hash: text,
  token: text,
  chain: text,
  provider: text,
  origin: text,
  origin_ref: text,
  payment_method: text,
  has_expiration: flag.optional(),
  exclude_payment_method: list,
  startDate: seconds,
  endDate: seconds,
  direction: z.enum(['incoming', 'outgoing']).optional(),
  resourceTypes: list,
  resource: text,
});

function isSortField(name: string): name is SortField {
  return Object.hasOwn(SORT_FIELDS, name);
}

const sortBy = z.string().refine(isSortField).default('message_timestamp');

export const summaryQuery = filters;
export const historyQuery = filters.extend({
  ...page,
  sort_by: sortBy,
  sort_order: z.enum(['1', '-1']).transform(Number).default(-1),
});

/** Parses parameters as pyaleph does: unknown ones are ignored, of a repeated one the first counts. Throws {@link Unprocessable}. */
export function readQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  const single = Object.fromEntries(
    Object.entries(query ?? {}).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? value[0] : value,
    ]),
  );
  const parsed = schema.safeParse(single);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Unprocessable(issue?.path.join('.') ?? '', issue?.message ?? 'Invalid input');
}

export function filtersOf(query: z.output<typeof filters>): HistoryFilters {
  const { startDate, endDate } = query;
  if (startDate !== undefined && endDate !== undefined && startDate > endDate) {
    throw new Unprocessable('endDate', 'endDate is before startDate');
  }
  const named: Readonly<Record<keyof HistoryFilters, unknown>> = {
    txHash: query.tx_hash,
    token: query.token,
    chain: query.chain,
    provider: query.provider,
    origin: query.origin,
    originRef: query.origin_ref,
    paymentMethod: query.payment_method,
    hasExpiration: query.has_expiration,
    excludePaymentMethods: query.exclude_payment_method,
    startUs: startDate,
    endUs: endDate,
    direction: query.direction,
    resourceTypes: query.resourceTypes,
    resource: query.resource,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
