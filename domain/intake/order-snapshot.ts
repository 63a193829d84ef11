import { isLosslessNumber } from 'lossless-json';
import { z } from 'zod';
import { formatLossless, parseLossless, plainDecimal } from './lossless-json.js';

/** An order as a store said it was, in a webhook's body or over REST. Amounts are exact decimals without exponent, times whole seconds. */
export interface OrderSnapshot {
  readonly id: bigint;
  /** What people call the order; a plugin may set it. Match by id. */
  readonly number: string;
  /** An open set: plugins add their own. */
  readonly status: string;
  readonly currency: string;
  readonly total: string;
  readonly createdVia: string;
  readonly paymentMethod: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  readonly paidAt: Date | null;
  readonly completedAt: Date | null;
  readonly billing: Billing;
  readonly lineItems: readonly LineItem[];
  readonly meta: readonly Meta[];
  /** Ids of its refunds come from the store's one counter of ids. */
  readonly refundIds: readonly bigint[];
  /** The whole order as JSON that PostgreSQL's jsonb accepts; numbers as they were written. */
  readonly raw: string;
}

export interface Billing {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

export interface LineItem {
  readonly id: bigint;
  readonly name: string;
  readonly productId: bigint;
  readonly variationId: bigint;
  readonly sku: string;
  /** Exact decimal: plugins sell fractions. */
  readonly quantity: string;
  readonly total: string;
  readonly meta: readonly Meta[];
}

/** Numbers inside of `value` are LosslessNumber. */
export interface Meta {
  readonly key: string;
  readonly value: unknown;
}

/** Why a body is no order. */
export type ParseProblem =
  | { readonly problem: 'not_json' | 'legacy_format'; readonly detail: string }
  | { readonly problem: 'not_an_order'; readonly detail: string; readonly id: bigint | null }
  /** The body of `order.deleted`, or of a topic that names an order only. */
  | { readonly problem: 'id_only'; readonly detail: string; readonly id: bigint }
  /** What the store's REST layer answered instead of the order: its own error. */
  | {
      readonly problem: 'error_body';
      readonly detail: string;
      readonly code: string;
      readonly status: number | null;
    };

const MAX_ID = 9_223_372_036_854_775_807n;

const number = z.custom<{ readonly value: string }>(isLosslessNumber);
const id = number
  .transform((given) => given.value)
  .pipe(z.string().regex(/^\d{1,19}$/, 'is no id'))
  .transform(BigInt)
  .refine((given) => given <= MAX_ID, 'is too large an id');
const text = z
  .union([z.string(), number.transform((given) => given.value)])
  .nullish()
  .transform((given) => given ?? '');
const decimal = text.transform((given, context) => {
  const plain = plainDecimal(given === '' ? '0' : given);
  if (plain !== undefined) return plain;
  context.addIssue({ code: 'custom', message: 'is no decimal' });
  return z.NEVER;
});

/** GMT without a zone, one second's resolution. WordPress writes a date that was never set as one of the year -1. */
const time = z
  .string()
  .nullish()
  .transform((given, context) => {
    if (given === null || given === undefined || given === '' || /^(-|0000)/.test(given))
      return null;
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(given)) {
      const at = new Date(`${given}Z`);
      // A date such as February 30 is moved by some engines and refused by others.
      if (!Number.isNaN(at.getTime()) && at.toISOString().startsWith(given)) return at;
    }
    context.addIssue({ code: 'custom', message: 'is no time of a store' });
    return z.NEVER;
  });

const zero = id.or(text.transform(() => 0n));
/** PHP writes an empty map as a list, and plugins write what they like: what cannot be read here is left out, not refused. */
const listOf = <T extends z.ZodType>(member: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((members) =>
      members.flatMap((given) => {
        const read = member.safeParse(given);
        return read.success ? [read.data] : [];
      }),
    );
const meta = z.object({ key: text, value: z.unknown() });
const lineItem = z
  .object({
    id,
    name: text,
    product_id: zero,
    variation_id: zero,
    sku: text,
    quantity: decimal,
    total: decimal,
    meta_data: listOf(meta),
  })
  .transform(({ product_id, variation_id, meta_data, ...item }): LineItem => ({
    ...item,
    productId: product_id,
    variationId: variation_id,
    meta: meta_data,
  }));
const billing = z
  .object({ first_name: text, last_name: text, email: text })
  .catch({ first_name: '', last_name: '', email: '' })
  .transform(({ first_name, last_name, email }): Billing => ({
    firstName: first_name,
    lastName: last_name,
    email,
  }));

const order = z.object({
  id,
  number: text,
  status: z.string().trim().min(1).max(200),
  currency: text.pipe(z.string().max(20)),
  total: decimal,
  created_via: text.pipe(z.string().max(200)),
  payment_method: text.pipe(z.string().max(200)),
  date_created_gmt: time,
  date_modified_gmt: time,
  date_paid_gmt: time,
  date_completed_gmt: time,
  billing,
  line_items: listOf(lineItem),
  meta_data: listOf(meta),
  refunds: listOf(z.object({ id })),
});

const errorBody = z.object({
  code: z.string(),
  message: z.string().catch(''),
  data: z.object({ status: number.transform((given) => Number(given.value)) }).nullish(),
});

/** Reads the text of a webhook's body, or of an order's JSON over REST. */
export function parseOrder(bodyText: string): OrderSnapshot | ParseProblem {
  const body = parseLossless(bodyText);
  if (body === undefined) return { problem: 'not_json', detail: 'not JSON that can be kept' };
  return readOrder(body);
}

/** As {@link parseOrder}, of a member of a list that was read by `parseLossless`. */
export function readOrder(body: unknown): OrderSnapshot | ParseProblem {
  const read = order.safeParse(body);
  if (!read.success) return problemOf(body, read.error);
  const { data } = read;
  const createdAt = data.date_created_gmt ?? data.date_modified_gmt;
  const modifiedAt = data.date_modified_gmt ?? createdAt;
  if (createdAt === null || modifiedAt === null) {
    return { problem: 'not_an_order', detail: 'it has no time of creation', id: data.id };
  }
  return {
    id: data.id,
    number: data.number === '' ? String(data.id) : data.number,
    status: data.status.replace(/^wc-/, ''),
    currency: data.currency,
    total: data.total,
    createdVia: data.created_via,
    paymentMethod: data.payment_method,
    createdAt,
    modifiedAt,
    paidAt: data.date_paid_gmt,
    completedAt: data.date_completed_gmt,
    billing: data.billing,
    lineItems: data.line_items,
    meta: data.meta_data,
    refundIds: data.refunds.map((refund) => refund.id),
    raw: formatLossless(body),
  };
}

function problemOf(body: unknown, error: z.ZodError): ParseProblem {
  const failure = errorBody.safeParse(body);
  if (failure.success) {
    const { code, message, data } = failure.data;
    return { problem: 'error_body', detail: message, code, status: data?.status ?? null };
  }
  if (z.object({ order: z.looseObject({ order_number: z.unknown() }) }).safeParse(body).success) {
    const detail = 'a webhook of the legacy API: set its API version to WP REST API v3';
    return { problem: 'legacy_format', detail };
  }
  const named = z.object({ id }).safeParse(body);
  if (z.strictObject({ id }).safeParse(body).success && named.success) {
    return { problem: 'id_only', detail: 'it has an id only', id: named.data.id };
  }
  const [issue] = error.issues;
  const detail = `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
  return { problem: 'not_an_order', detail, id: named.success ? named.data.id : null };
}
