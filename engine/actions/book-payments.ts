import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { addMsat, type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { type LotGrants, grantLots } from '../credits/grant.js';
import { type Entry, type Holder, type PostingLine, postEntries } from '../ledger/post-entry.js';
import { type CreditSource, drainForAttempt, grantsFor } from './attempt-lots.js';
import type { ActionRef } from './contract.js';
import type { PayOut } from './types/paid-action-type.js';

/** Where the money of an attempt comes from. */
export type Source = CreditSource | { readonly kind: 'invoice'; readonly amountMsat: Msat };

/** Who is refunded: the payer, or the claims account for a payer without an account. */
export function payerOf(actor: string | null): Holder {
  return actor === null ? { system: 'claims' } : { accountId: actor };
}

/** Accounts whose credits the pay-outs and a refund to the actor would move. */
export function accountsOf(payOuts: readonly PayOut[], actor: string | null): string[] {
  const accounts = payOuts.flatMap(({ holder }) =>
    'accountId' in holder ? [holder.accountId] : [],
  );
  return actor === null ? accounts : [...accounts, actor];
}

/** An attempt that is paid, and by what. All accounts that its money moves are locked. */
export interface PaidAttempt {
  readonly ref: ActionRef;
  readonly source: Source;
  readonly payOuts: readonly PayOut[];
  readonly actor: string | null;
}

/**
 * Books attempts that are paid, as many as there are in the same statements: the source, the shares of the cost, and what was paid
 * over it back to the payer. The keys make it happen once.
 */
export async function bookPaid(tx: ClientBase, paid: readonly PaidAttempt[]): Promise<void> {
  const booked = paid.map(withSurplus);
  await pipeline([
    post(tx, booked.map(paidEntry)),
    grantLots(tx, booked.flatMap(paidGrants)),
    ...booked.flatMap((one) => drainFor(tx, one)),
    recordPayments(tx, booked.map(paidRows)),
  ]);
}

type BookedAttempt = PaidAttempt & {
  readonly key: string;
  readonly surplus: readonly PaymentRow[];
};

function withSurplus(paid: PaidAttempt): BookedAttempt {
  const spent = addMsat(...paid.payOuts.map(({ amountMsat }) => amountMsat));
  const left = subtractMsat(paid.source.amountMsat, spent);
  const surplus = left > 0n ? [refundRow(left, paid.actor)] : [];
  return { ...paid, key: `${keyOf(paid.ref)}/paid`, surplus };
}

function paidEntry({ key, source, payOuts, surplus }: BookedAttempt): Entry {
  const shares = [...payOuts, ...surplus].map((each) => receives(each.holder, each.amountMsat));
  return { key, lines: [...sourceLines(source), ...shares] };
}

function paidGrants({ key, ref, source, payOuts, surplus }: BookedAttempt): LotGrants[] {
  if (source.kind !== 'invoice') return [];
  return [grantsFor(key, ref, { shares: payOuts, refunds: surplus })];
}

function drainFor(
  tx: ClientBase,
  { key, ref, source, payOuts, surplus }: BookedAttempt,
): Promise<void>[] {
  if (source.kind !== 'credits') return [];
  return [drainForAttempt(tx, key, ref, source, { shares: payOuts, refunds: surplus })];
}

function paidRows({ ref, source, payOuts, surplus }: BookedAttempt): AttemptPayments {
  const { kind, amountMsat } = source;
  return {
    ref,
    payments: [
      { direction: 'in', kind, holder: sourceHolder(source), amountMsat },
      ...payOuts.map((share) => ({ direction: 'out' as const, ...share })),
      ...surplus,
    ],
  };
}

/** Books money that came for an attempt that has ended and could not be used: it becomes the payer's credits, or a claim. */
export async function bookUnspent(
  tx: ClientBase,
  ref: ActionRef,
  receivedMsat: Msat,
  actor: string | null,
): Promise<void> {
  const source: Source = { kind: 'invoice', amountMsat: receivedMsat };
  const back = refundRow(receivedMsat, actor);
  const key = `${keyOf(ref)}/unspent`;
  const lines = [...sourceLines(source), receives(back.holder, back.amountMsat)];
  const payments: PaymentRow[] = [
    { direction: 'in', kind: 'invoice', holder: { system: 'issued' }, amountMsat: receivedMsat },
    back,
  ];
  await pipeline([
    post(tx, [{ key, lines }]),
    grantLots(tx, [grantsFor(key, ref, { shares: [], refunds: [back] })]),
    recordPayments(tx, [{ ref, payments }]),
  ]);
}

interface PaymentRow {
  readonly direction: 'in' | 'out' | 'refund';
  readonly kind: string;
  readonly holder: Holder;
  readonly amountMsat: Msat;
}

export function refundRow(amountMsat: Msat, actor: string | null): PaymentRow {
  return { direction: 'refund', kind: 'CREDITS', holder: payerOf(actor), amountMsat };
}

export function keyOf(ref: ActionRef): string {
  return `action/${ref.actionId}/${ref.attempt}`;
}

export async function post(tx: ClientBase, entries: readonly Entry[]): Promise<void> {
  const posted = await postEntries(tx, entries);
  const old = entries[posted.indexOf(false)];
  // Callers hold the attempt's row and have checked its state: a key that exists is a defect, not a race.
  if (old !== undefined) throw new Error(`entry ${old.key} exists`);
}

function receives(holder: Holder, amountMsat: Msat): PostingLine {
  return { holder, asset: 'CREDITS', amountMsat };
}

function gives(line: PostingLine): PostingLine {
  return { ...line, amountMsat: subtractMsat(ZERO_MSAT, line.amountMsat) };
}

/** Sats that come in back the credits issued for them. */
function sourceLines(source: Source): readonly PostingLine[] {
  const { amountMsat } = source;
  if (source.kind === 'credits') return [gives(receives({ accountId: source.payer }, amountMsat))];
  const backing: PostingLine = { holder: { system: 'backing' }, asset: 'SATS', amountMsat };
  return [
    gives({ ...backing, holder: { system: 'outside' } }),
    backing,
    gives(receives({ system: 'issued' }, amountMsat)),
  ];
}

function sourceHolder(source: Source): Holder {
  return source.kind === 'credits' ? { accountId: source.payer } : { system: 'issued' };
}

export interface AttemptPayments {
  readonly ref: ActionRef;
  readonly payments: readonly PaymentRow[];
}

export async function recordPayments(
  tx: ClientBase,
  attempts: readonly AttemptPayments[],
): Promise<void> {
  const rows = attempts.flatMap(({ ref, payments }) => payments.map((row) => ({ ...row, ref })));
  await tx.query(
    `insert into attempt_payments (action_id, attempt, direction, kind, ledger_account_id, amount_msat)
     select p.action_id, p.attempt, p.direction, p.kind, coalesce(
         (select id from ledger_accounts where asset = 'CREDITS' and owner = p.owner),
         (select id from ledger_accounts where asset = 'CREDITS' and system = p.system)),
       p.amount_msat
     from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[])
       as p(action_id, attempt, direction, kind, owner, system, amount_msat)`,
    [
      rows.map(({ ref }) => ref.actionId),
      rows.map(({ ref }) => ref.attempt),
      rows.map(({ direction }) => direction),
      rows.map(({ kind }) => kind),
      rows.map(({ holder }) => ('accountId' in holder ? holder.accountId : null)),
      rows.map(({ holder }) => ('system' in holder ? holder.system : null)),
      rows.map(({ amountMsat }) => amountMsat),
    ],
  );
}
