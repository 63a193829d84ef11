import { type EntryKey, type LedgerName, MAX_AMOUNT } from '../../domain/credits/lot.js';
import type { Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { RefundOf, RowDetail } from './history-rows.js';

/** One entry of an operation, in the ledger's unit. */
export type OperationEntry = Grant | Debit | Transfer;

/** A new lot for an address, or a refund to the lot that was drained. */
export interface Grant {
  readonly kind: 'grant';
  readonly address: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  readonly detail: RowDetail;
  readonly refundOf?: RefundOf;
}

/** A debit. If it need not be covered, it takes what there is and the rest is a shortfall. */
export interface Debit {
  readonly kind: 'debit';
  readonly address: string;
  readonly amount: bigint;
  readonly covered: boolean;
  readonly detail: RowDetail;
}

/** A debit of the sender, whose drained lots are granted to the recipient. */
export interface Transfer {
  readonly kind: 'transfer';
  readonly sender: string;
  readonly recipient: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
}

/** A change of a ledger at one instant, applied in full or not at all. */
export interface Operation {
  readonly ledger: LedgerName;
  /** Identifies the operation: one whose reference is in the history is not applied again. */
  readonly ref: string;
  readonly atUs: Us;
  readonly entries: readonly OperationEntry[];
}

export function addressesOf(entries: readonly OperationEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'transfer' ? [entry.sender, entry.recipient] : [entry.address],
  );
}

/** The addresses that receive something, and whether any of it is a refund. */
export function recipientsOf({ entries }: Operation): ReadonlyMap<string, { refunded: boolean }> {
  const recipients = new Map<string, { refunded: boolean }>();
  for (const entry of entries) {
    if (entry.kind === 'debit') continue;
    const address = entry.kind === 'transfer' ? entry.recipient : entry.address;
    const isRefund = entry.kind === 'grant' && entry.refundOf !== undefined;
    const refunded = isRefund || recipients.get(address)?.refunded === true;
    recipients.set(address, { refunded });
  }
  return recipients;
}

/** A debit of an operation, before it is planned. */
export interface RequestedDebit {
  readonly entry: Debit | Transfer;
  /** The address that is debited. */
  readonly address: string;
  /** Orders the debits of one operation. Its index is the entry's place; rows are numbered later. */
  readonly key: EntryKey;
}

export function debitsOf({ ref, entries }: Operation): readonly RequestedDebit[] {
  return entries.flatMap((entry, index) => {
    if (entry.kind === 'grant') return [];
    const address = entry.kind === 'transfer' ? entry.sender : entry.address;
    return [{ entry, address, key: { ref, index } }];
  });
}

/** Checks what no operation may contain, whatever the balances. Throws Refusal. */
export function checkEntries({ entries, atUs }: Operation): void {
  if (entries.length === 0) {
    throw new Refusal('credits.empty_list', 'the operation has no entries');
  }
  const recipients = new Set<string>();
  for (const entry of entries) {
    checkAmount(entry.amount);
    if (entry.kind !== 'debit' && entry.expiresUs !== null && entry.expiresUs <= atUs) {
      throw new Refusal('credits.expiry_past', 'credits would expire before they are granted');
    }
    if (addressesOf([entry]).some((address) => address.trim() === '')) {
      throw new Refusal('credits.blank_address', 'an address is blank');
    }
    if (entry.kind !== 'transfer') continue;
    if (entry.sender === entry.recipient) {
      throw new Refusal('credits.self_transfer', `${entry.sender} transfers to itself`);
    }
    if (recipients.has(entry.recipient)) {
      throw new Refusal('credits.duplicate_recipients', `${entry.recipient} is named twice`);
    }
    recipients.add(entry.recipient);
  }
}

function checkAmount(amount: bigint): void {
  if (amount <= 0n) {
    throw new Refusal('credits.amount_not_positive_int', 'an amount is not above 0');
  }
  if (amount > MAX_AMOUNT) throw new Refusal('credits.amount_too_large', 'an amount is too large');
}
