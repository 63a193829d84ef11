import { isLosslessNumber } from 'lossless-json';
import type { LineItem, Meta, OrderSnapshot } from '../order-snapshot.js';
import { MOST_OF_AN_ITEM, type SlipRules } from './rules.js';

export interface Participant {
  readonly lineItem: bigint;
  /** From 1, within the line item. */
  readonly position: number;
  /** Of the participant, else of whoever pays. */
  readonly name: string;
  readonly email: string;
  readonly product: string;
  readonly fields: Readonly<Record<string, string>>;
}

const LONGEST = 500;

/** One for each unit that was ordered. */
export function readParticipants(
  order: Pick<OrderSnapshot, 'lineItems' | 'meta' | 'billing'>,
  rules: SlipRules,
): Participant[] {
  return order.lineItems
    .filter(({ productId }) => rules.products?.includes(String(productId)) ?? true)
    .flatMap((item) => ofItem(order, item, rules));
}

function ofItem(
  { meta, billing }: Pick<OrderSnapshot, 'meta' | 'billing'>,
  item: LineItem,
  { nameKeys, emailKeys, fieldKeys }: SlipRules,
): Participant[] {
  const payer = `${billing.firstName} ${billing.lastName}`.trim();
  const sources = [item.meta, meta];
  return Array.from({ length: unitsOf(item.quantity) }, (_, index) => {
    const position = index + 1;
    const first = (keys: readonly string[]): string =>
      keys.map((key) => valueOf(sources, key, position)).find((value) => value !== '') ?? '';
    const fields = fieldKeys.map((key) => [key, valueOf(sources, key, position)] as const);
    return {
      ...{ lineItem: item.id, position, product: item.name.slice(0, LONGEST) },
      name: first(nameKeys) || payer.slice(0, LONGEST),
      email: mailOf(first(emailKeys)) ?? mailOf(billing.email) ?? '',
      fields: Object.fromEntries(fields.filter(([, value]) => value !== '')),
    };
  });
}

/** A part of a unit is one that somebody comes with. */
function unitsOf(quantity: string): number {
  const units = Number(quantity);
  return units > 0 ? Math.min(MOST_OF_AN_ITEM, Math.max(1, Math.floor(units))) : 0;
}

function valueOf(sources: readonly (readonly Meta[])[], key: string, position: number): string {
  const wanted = key.replaceAll('{n}', String(position));
  for (const meta of sources) {
    const values = meta.filter((one) => one.key === wanted).flatMap(({ value }) => textsOf(value));
    const value = values.length === 1 ? values[0] : values[position - 1];
    if (value !== undefined && value !== '') return value;
  }
  return '';
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((member: unknown) => textsOf(member));
  if (isLosslessNumber(value)) return [value.value];
  if (typeof value === 'boolean') return [String(value)];
  return typeof value === 'string' ? [value.trim().slice(0, LONGEST)] : [];
}

/** What may be handed to a mail server as one address; undefined for anything else. */
function mailOf(text: string): string | undefined {
  return text.length <= 254 && /^[^\s<>@,;:"\\()[\]]+@[^\s<>@,;:"\\()[\]]+$/.test(text)
    ? text
    : undefined;
}
