import { Refusal } from '../refusal.js';
import {
  addressAt,
  amountAt,
  expiryAt,
  type Fields,
  invalid,
  optionalCountAt,
  optionalIntegerAt,
  optionalPriceAt,
  optionalSizeAt,
  optionalTextAt,
  priceAt,
  recordAt,
  textAt,
} from './fields.js';
import { type Us, usOfIso } from './time.js';

/** An entry of a distribution. Amounts of all messages are in the message's own unit. */
export interface GrantEntry {
  readonly address: string;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
  readonly price: string | null;
  readonly bonusAmount: bigint | null;
  readonly txHash: string | null;
  readonly provider: string | null;
  readonly origin: string | null;
  readonly originRef: string | null;
  readonly paymentMethod: string | null;
}

export interface ExpenseEntry {
  readonly address: string;
  readonly amount: bigint;
  readonly price: string | null;
  readonly executionId: string | null;
  readonly nodeId: string | null;
  readonly originRef: string | null;
  readonly count: bigint | null;
  readonly sizeMib: string | null;
}

export interface TransferEntry {
  readonly address: string;
  readonly amount: bigint;
  /** The requested expiry; the drained lots may expire sooner. */
  readonly expiresUs: Us | null;
}

/** The content of a message of ledger `aleph`. */
export type CreditMessage =
  | {
      readonly kind: 'distribution';
      readonly token: string;
      readonly chain: string;
      readonly entries: readonly GrantEntry[];
    }
  | { readonly kind: 'expense'; readonly entries: readonly ExpenseEntry[] }
  | { readonly kind: 'transfer'; readonly entries: readonly TransferEntry[] };

export type MessageKind = CreditMessage['kind'];

/** pyaleph's content types. */
export const MESSAGE_TYPES: Readonly<Record<string, MessageKind>> = {
  aleph_credit_distribution: 'distribution',
  aleph_credit_expense: 'expense',
  aleph_credit_transfer: 'transfer',
};

/** Parses a message's content (the result of parseExactJson) as pyaleph's schemas do. Throws Refusal. */
export function parseMessage(kind: MessageKind, content: unknown): CreditMessage {
  const body = recordAt(recordAt(content, 'content')[kind], `content.${kind}`);
  const entriesOf = <T>(parse: (fields: Fields, path: string) => T): readonly T[] =>
    listAt(body['credits'], `content.${kind}.credits`).map((entry, i) => {
      const path = `content.${kind}.credits.${i}`;
      return parse(recordAt(entry, path), path);
    });
  switch (kind) {
    case 'distribution':
      return {
        kind,
        token: textAt(body['token'], 'content.distribution.token'),
        chain: textAt(body['chain'], 'content.distribution.chain'),
        entries: entriesOf(parseGrant),
      };
    case 'expense':
      return { kind, entries: entriesOf(parseExpense) };
    case 'transfer':
      return { kind, entries: refuseDuplicates(entriesOf(parseTransfer)) };
  }
}

function listAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(path, 'must be a list');
  if (value.length === 0) throw new Refusal('credits.empty_list', `${path} is empty`);
  return value;
}

function parseGrant(fields: Fields, path: string): GrantEntry {
  return {
    address: addressAt(fields['address'], `${path}.address`),
    amount: amountAt(fields['amount'], `${path}.amount`),
    expiresUs: expiryAt(fields['expiration'], `${path}.expiration`),
    price: priceAt(fields['price'], `${path}.price`),
    bonusAmount: optionalIntegerAt(fields['bonus_amount'], `${path}.bonus_amount`),
    txHash: textAt(fields['tx_hash'], `${path}.tx_hash`),
    provider: textAt(fields['provider'], `${path}.provider`),
    origin: optionalTextAt(fields['origin'], `${path}.origin`),
    originRef: optionalTextAt(fields['ref'], `${path}.ref`),
    paymentMethod: optionalTextAt(fields['payment_method'], `${path}.payment_method`),
  };
}

/** The field `time` is ignored. */
function parseExpense(fields: Fields, path: string): ExpenseEntry {
  return {
    address: addressAt(fields['address'], `${path}.address`),
    amount: amountAt(fields['amount'], `${path}.amount`),
    price: optionalPriceAt(fields['price'], `${path}.price`),
    executionId: optionalTextAt(fields['execution_id'], `${path}.execution_id`),
    nodeId: optionalTextAt(fields['node_id'], `${path}.node_id`),
    originRef: optionalTextAt(fields['ref'], `${path}.ref`),
    count: optionalCountAt(fields['count'], `${path}.count`),
    sizeMib: optionalSizeAt(fields['size'], `${path}.size`),
  };
}

function parseTransfer(fields: Fields, path: string): TransferEntry {
  return {
    address: addressAt(fields['address'], `${path}.address`),
    amount: amountAt(fields['amount'], `${path}.amount`),
    expiresUs: expiryAt(fields['expiration'], `${path}.expiration`),
  };
}

function refuseDuplicates(entries: readonly TransferEntry[]): readonly TransferEntry[] {
  if (new Set(entries.map(({ address }) => address)).size < entries.length) {
    throw new Refusal('credits.duplicate_recipients', 'a recipient is named twice');
  }
  return entries;
}

/** From 2026-02-02T00:00:00Z on 1 USD is 1,000,000 of pyaleph's credits; before, it was 100. */
const CUTOFF_US = usOfIso('2026-02-02T00:00:00Z') ?? 0n;
const OLD_UNIT = 10_000n;

/** Converts a message's amount to today's credits, by the time of the message. */
export function alephCredits(amount: bigint, at: Us): bigint {
  return at < CUTOFF_US ? amount * OLD_UNIT : amount;
}
