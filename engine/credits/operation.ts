import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import type { Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import { MAX_AMOUNT } from '../../domain/credits/units.js';
import type { RefundOf, RowDetail } from './history-rows.js';

/** One entry of an operation, in the ledger's units. */
export type Part = Give | Take | Move;

/** A lot for somebody; or back into the lot that a drain took it from. */
export interface Give {
  readonly kind: 'give';
  readonly address: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  readonly detail: RowDetail;
  readonly refundOf?: RefundOf;
}

/** A debit; one that need not be covered takes what there is. */
export interface Take {
  readonly kind: 'take';
  readonly address: string;
  readonly amount: bigint;
  readonly covered: boolean;
  readonly detail: RowDetail;
}

/** From the sender's lots to the recipient. */
export interface Move {
  readonly kind: 'move';
  readonly sender: string;
  readonly recipient: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
}

/** What happens to a ledger at one instant, whole or not at all. */
export interface Operation {
  readonly ledger: LedgerName;
  /** Names it: an operation of this reference that is there already is not done again. */
  readonly ref: string;
  readonly atUs: Us;
  readonly parts: readonly Part[];
}

export function addressesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) =>
    part.kind === 'move' ? [part.sender, part.recipient] : [part.address],
  );
}

/** Whoever gets something, and whether any of it goes back into a lot that was drained. */
export function addressesGiven({ parts }: Operation): ReadonlyMap<string, { goesBack: boolean }> {
  const given = new Map<string, { goesBack: boolean }>();
  for (const part of parts) {
    if (part.kind === 'take') continue;
    const address = part.kind === 'move' ? part.recipient : part.address;
    const goesBack = part.kind === 'give' && part.refundOf !== undefined;
    given.set(address, { goesBack: goesBack || given.get(address)?.goesBack === true });
  }
  return given;
}

/** A debit that an operation asks for. */
export interface Demand {
  readonly part: Take | Move;
  readonly address: string;
  /** Orders the demands of one operation; rows get their own numbers later. */
  readonly key: EntryKey;
}

export function demandsOf({ ref, parts }: Operation): readonly Demand[] {
  return parts.flatMap((part, index) => {
    if (part.kind === 'give') return [];
    const address = part.kind === 'move' ? part.sender : part.address;
    return [{ part, address, key: { ref, index } }];
  });
}

/** What no operation may ask for, whatever the balances. Throws Refusal. */
export function checkParts({ parts, atUs }: Operation): void {
  if (parts.length === 0) throw new Refusal('credits.empty_list', 'there is nothing to do');
  const recipients = new Set<string>();
  for (const part of parts) {
    checkAmount(part.amount);
    if (part.kind !== 'take' && part.expiresUs !== null && part.expiresUs <= atUs) {
      throw new Refusal('credits.expiry_past', 'credits would expire before they are given');
    }
    if (addressesOf([part]).some((address) => address.trim() === '')) {
      throw new Refusal('credits.blank_address', 'an address is blank');
    }
    if (part.kind !== 'move') continue;
    if (part.sender === part.recipient) {
      throw new Refusal('credits.self_transfer', `${part.sender} transfers to itself`);
    }
    if (recipients.has(part.recipient)) {
      throw new Refusal('credits.duplicate_recipients', `${part.recipient} is named twice`);
    }
    recipients.add(part.recipient);
  }
}

function checkAmount(amount: bigint): void {
  if (amount <= 0n) {
    throw new Refusal('credits.amount_not_positive_int', 'an amount is not above 0');
  }
  if (amount > MAX_AMOUNT) throw new Refusal('credits.amount_too_large', 'an amount is too large');
}
