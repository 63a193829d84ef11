import type { LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';

/** pyaleph's filters; one that is left out does not apply. */
export interface HistoryFilters {
  readonly txHash?: string;
  readonly token?: string;
  readonly chain?: string;
  readonly provider?: string;
  readonly origin?: string;
  readonly originRef?: string;
  readonly paymentMethod?: string;
  readonly hasExpiration?: boolean;
  readonly excludePaymentMethods?: readonly string[];
  /** Both inclusive. */
  readonly startUs?: Us;
  readonly endUs?: Us;
  readonly direction?: 'incoming' | 'outgoing';
  readonly resourceTypes?: readonly string[];
  readonly resource?: string;
}

export interface HistoryOf {
  readonly ledger: LedgerName;
  readonly address: string;
  readonly filters: HistoryFilters;
}

/** SQL: the resource that an expense is for. */
export const RESOURCE = `coalesce(nullif(origin, ''), origin_ref)`;

/** SQL condition for the rows of an address that pass the filters. `param` adds a parameter and returns its name. */
export function historyWhere(
  { ledger, address, filters }: HistoryOf,
  param: (value: unknown) => string,
): string {
  const conditions = [`ledger = ${param(ledger)}`, `address = ${param(address)}`];
  for (const [name, column] of EQUALS) {
    if (filters[name] !== undefined) conditions.push(`${column} = ${param(filters[name])}`);
  }
  const { hasExpiration, excludePaymentMethods: excluded, startUs, endUs, direction } = filters;
  if (hasExpiration !== undefined) {
    conditions.push(`expires_at is ${hasExpiration ? 'not null' : 'null'}`);
  }
  // A row without a payment method is never excluded.
  if (excluded !== undefined) {
    conditions.push(
      `(payment_method is null or payment_method <> all(${param(excluded)}::text[]))`,
    );
  }
  if (startUs !== undefined) conditions.push(`at >= ${param(isoOfUs(startUs))}::timestamptz`);
  if (endUs !== undefined) conditions.push(`at <= ${param(isoOfUs(endUs))}::timestamptz`);
  if (direction !== undefined) conditions.push(`amount ${direction === 'incoming' ? '>' : '<'} 0`);
  if (filters.resource !== undefined) conditions.push(`${RESOURCE} = ${param(filters.resource)}`);
  if (filters.resourceTypes !== undefined) {
    conditions.push(
      `${RESOURCE} in (select item_hash from credit_resources where type = any(${param(filters.resourceTypes)}::text[]))`,
    );
  }
  return conditions.join(' and ');
}

const EQUALS = [
  ['txHash', 'tx_hash'],
  ['token', 'token'],
  ['chain', 'chain'],
  ['provider', 'provider'],
  ['origin', 'origin'],
  ['originRef', 'origin_ref'],
  ['paymentMethod', 'payment_method'],
] as const;

/** The fields that a history can be sorted by, and how their values compare. */
export const SORT_FIELDS = {
  message_timestamp: { column: 'at', type: 'timestamptz', nullable: false },
  expiration_date: { column: 'expires_at', type: 'timestamptz', nullable: true },
  payment_method: { column: 'payment_method', type: 'text', nullable: true },
  amount: { column: 'amount', type: 'bigint', nullable: false },
  origin: { column: 'origin', type: 'text', nullable: true },
  tx_hash: { column: 'tx_hash', type: 'text', nullable: true },
  provider: { column: 'provider', type: 'text', nullable: true },
} as const;
export type SortField = keyof typeof SORT_FIELDS;

/** The row after which a page begins. */
export interface HistoryPlace {
  /** The sort field's value as text; null where it is NULL. */
  readonly value: string | null;
  readonly ref: string;
  readonly index: number;
}

/** SQL condition for the rows after a place. NULLs sort last, so they come after every value. */
export function historyAfter(
  sortBy: SortField,
  descending: boolean,
  place: HistoryPlace,
  param: (value: unknown) => string,
): string {
  const { column, type, nullable } = SORT_FIELDS[sortBy];
  const after = descending ? '<' : '>';
  const ties = `(credit_ref, credit_index) ${after} (${param(place.ref)}, ${param(place.index)}::integer)`;
  if (place.value === null) return `(${column} is null and ${ties})`;
  const value = `${param(place.value)}::${type}`;
  const nulls = nullable ? ` or ${column} is null` : '';
  return `(${column} ${after} ${value} or (${column} = ${value} and ${ties})${nulls})`;
}

export function historyOrder(sortBy: SortField, descending: boolean): string {
  const direction = descending ? 'desc' : 'asc';
  const { column, nullable } = SORT_FIELDS[sortBy];
  const nulls = nullable ? ' nulls last' : '';
  return `${column} ${direction}${nulls}, credit_ref ${direction}, credit_index ${direction}`;
}
