import { Refusal } from '../refusal.js';
import type {
  CreditMessage,
  ExpenseEntry,
  GrantEntry,
  MessageKind,
  TransferEntry,
} from './entries.js';
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

/** The peer's content types. */
export const MESSAGE_TYPES: Readonly<Record<string, MessageKind>> = {
  aleph_credit_distribution: 'distribution',
  aleph_credit_expense: 'expense',
  aleph_credit_transfer: 'transfer',
};

/** Reads a message's content, parsed by parseExactJson, as the peer's schemas do. Throws Refusal. */
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

/** `time` is not kept. */
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
