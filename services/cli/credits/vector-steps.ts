import type { Pool } from 'pg';
import { checkAffordability, recordResource } from '../../../engine/credits/affordability.js';
import { applyMessage } from '../../../engine/credits/apply-message.js';
import { insertHistory } from '../../../engine/credits/history-rows.js';
import { readAddresses } from '../../../engine/credits/rebuild/addresses.js';
import { rebuildAddress } from '../../../engine/credits/rebuild/rebuild.js';
import { submitMessage } from '../../../engine/credits/submit-message.js';
import { inTransaction } from '../../../db/transaction.js';
import { type CreditMessage, parseMessage } from '../../../domain/credits/messages.js';
import {
  amountAt,
  expiryAt,
  optionalCountAt,
  optionalIntegerAt,
  optionalPriceAt,
  optionalTextAt,
} from '../../../domain/credits/fields.js';
import type { Us } from '../../../domain/credits/time.js';
import type { Step } from './vector-file.js';

export const CHANNEL = 'ALEPH_CREDIT';

export type StepOf<Op extends Step['op']> = Extract<Step, { op: Op }>;
type Entry = Readonly<Record<string, unknown>>;

/** Writes below pyaleph's message handler: no policy and no schema is checked, only the operation itself. */
export async function writeStep(
  pool: Pool,
  step: StepOf<'distribute' | 'expense' | 'transfer'>,
): Promise<void> {
  const { ref, at } = step;
  const sender = step.op === 'transfer' ? step.sender : '';
  const senderIsIssuer = step.op === 'transfer' && step.whitelist.includes(sender);
  const message = messageOf(step);
  await inTransaction(pool, (tx) =>
    applyMessage(tx, { ref, atUs: at, sender, senderIsIssuer, message }),
  );
}

function messageOf(step: StepOf<'distribute' | 'expense' | 'transfer'>): CreditMessage {
  switch (step.op) {
    case 'distribute':
      return {
        kind: 'distribution',
        token: step.token ?? '',
        chain: step.chain ?? '',
        entries: step.credits.map(grantOf),
      };
    case 'expense':
      return { kind: 'expense', entries: step.credits.map(expenseOf) };
    case 'transfer':
      return { kind: 'transfer', entries: step.credits.map(common) };
  }
}

function common(entry: Entry): { address: string; amount: bigint; expiresUs: Us | null } {
  return {
    address: optionalTextAt(entry['address'], 'address') ?? '',
    amount: amountAt(entry['amount'], 'amount'),
    expiresUs: expiryAt(entry['expiration_ms'], 'expiration_ms'),
  };
}

function grantOf(entry: Entry): Extract<CreditMessage, { kind: 'distribution' }>['entries'][0] {
  return {
    ...common(entry),
    price: optionalPriceAt(entry['price'], 'price'),
    bonusAmount: optionalIntegerAt(entry['bonus_amount'], 'bonus_amount'),
    txHash: optionalTextAt(entry['tx_hash'], 'tx_hash'),
    provider: optionalTextAt(entry['provider'], 'provider'),
    origin: optionalTextAt(entry['origin'], 'origin'),
    originRef: optionalTextAt(entry['origin_ref'], 'origin_ref'),
    paymentMethod: optionalTextAt(entry['payment_method'], 'payment_method'),
  };
}

function expenseOf(entry: Entry): Extract<CreditMessage, { kind: 'expense' }>['entries'][0] {
  return {
    address: common(entry).address,
    amount: common(entry).amount,
    price: optionalPriceAt(entry['price'], 'price'),
    executionId: optionalTextAt(entry['execution_id'], 'execution_id'),
    nodeId: optionalTextAt(entry['node_id'], 'node_id'),
    originRef: optionalTextAt(entry['origin_ref'], 'origin_ref'),
    count: optionalCountAt(entry['count'], 'count'),
    sizeMib: optionalPriceAt(entry['size_mib'], 'size_mib'),
  };
}

/** Inserts history rows only; a rebuild step creates their lots. */
export async function insertRows(pool: Pool, { rows }: StepOf<'history_insert'>): Promise<void> {
  await inTransaction(pool, (tx) =>
    insertHistory(
      tx,
      'aleph',
      rows.map((row) => ({
        ref: row.credit_ref,
        index: row.credit_index,
        address: row.address,
        amount: row.amount,
        atUs: row.at,
        expiresUs: row.expiration ?? null,
        detail: {
          price: row.price ?? null,
          txHash: row.tx_hash ?? null,
          token: row.token ?? null,
          chain: row.chain ?? null,
          provider: row.provider ?? null,
          origin: row.origin ?? null,
          originRef: row.origin_ref ?? null,
          paymentMethod: row.payment_method ?? null,
        },
      })),
    ),
  );
}

export async function rebuild(pool: Pool, { addresses }: StepOf<'rebuild'>): Promise<void> {
  for (const address of addresses ?? (await readAddresses(pool, 'aleph', '', 10_000))) {
    await rebuildAddress(pool, 'aleph', address, { dryRun: false });
  }
}

export async function patchOrigin(
  pool: Pool,
  { ref, origin }: StepOf<'set_history_origin'>,
): Promise<void> {
  await pool.query('update credit_history set origin = $2 where credit_ref = $1', [ref, origin]);
}

export async function addResource(
  pool: Pool,
  step: StepOf<'resource_message' | 'resource_cost'>,
): Promise<void> {
  const { item_hash: itemHash, type } = step;
  const cost =
    step.op === 'resource_cost'
      ? { owner: step.owner, creditsPerSecond: step.credits_per_second }
      : { owner: '', creditsPerSecond: null };
  await inTransaction(pool, (tx) => recordResource(tx, { itemHash, type, ...cost }));
}

export async function sweep(pool: Pool, now: Us): Promise<void> {
  const { rows } = await pool.query<{ owner: string }>(
    'select distinct owner from credit_resources',
  );
  for (const { owner } of rows) {
    await inTransaction(pool, (tx) => checkAffordability(tx, owner, now));
  }
}

export async function submit(pool: Pool, step: StepOf<'submit'>): Promise<string> {
  const { kind, sender, ref, at, content, issuers, channel = null } = step;
  const policy = { issuers, channels: [CHANNEL] };
  const message = { kind, sender, channel, ref, atUs: at, content };
  return (await submitMessage(pool, policy, message)).outcome;
}

export function parse({ kind, content }: StepOf<'parse'>): CreditMessage {
  return parseMessage(kind, content);
}
