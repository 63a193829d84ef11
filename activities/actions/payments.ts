import type { ClientBase } from 'pg';
import { together } from '../../db/together.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { type Holder, type Line, postEntry } from '../ledger/post-entry.js';
import { type CreditSource, drainForAttempt, giveForAttempt } from './attempt-lots.js';
import type { ActionRef } from './contract.js';
import type { PayOut } from './types/paid-action-type.js';

/** Where an attempt's money comes from. */
export type Source = CreditSource | { readonly kind: 'invoice'; readonly amountMsat: Msat };

/** Whoever gets back what was not spent: the payer, or the claims of those whom we cannot credit. */
export function payerOf(actor: string | null): Holder {
  return actor === null ? { system: 'claims' } : { owner: actor };
}

/** Accounts whose credits the pay-outs and a refund to the actor would move. */
export function ownersOf(payOuts: readonly PayOut[], actor: string | null): string[] {
  const owners = payOuts.flatMap(({ holder }) => ('owner' in holder ? [holder.owner] : []));
  return actor === null ? owners : [...owners, actor];
}

/**
 * Books an attempt that is paid: the source, the shares of the cost, and what was paid over it back to the payer. The keys make
 * it happen once. All accounts that it moves are locked.
 */
export async function bookPaid(
  tx: ClientBase,
  ref: ActionRef,
  source: Source,
  payOuts: readonly PayOut[],
  actor: string | null,
): Promise<void> {
  const spent = payOuts.reduce(
    (sum, { amountMsat }) => subtractMsat(sum, amountMsat),
    source.amountMsat,
  );
  const surplus = spent > 0n ? [refundRow(spent, actor)] : [];
  const key = `${keyOf(ref)}/paid`;
  const received = { shares: payOuts, refunds: surplus };
  const { kind, amountMsat } = source;
  await together([
    post(tx, key, [
      ...sourceLines(source),
      ...[...payOuts, ...surplus].map((each) => receives(each.holder, each.amountMsat)),
    ]),
    source.kind === 'invoice'
      ? giveForAttempt(tx, key, ref, received)
      : drainForAttempt(tx, key, ref, source, received),
    recordPayments(tx, ref, [
      { direction: 'in', kind, holder: sourceHolder(source), amountMsat },
      ...payOuts.map((share) => ({ direction: 'out' as const, ...share })),
      ...surplus,
    ]),
  ]);
}

/** Books money that came for an attempt that is over and could not be used: it becomes the payer's credits, or a claim. */
export async function bookUnspent(
  tx: ClientBase,
  ref: ActionRef,
  receivedMsat: Msat,
  actor: string | null,
): Promise<void> {
  const source: Source = { kind: 'invoice', amountMsat: receivedMsat };
  const back = refundRow(receivedMsat, actor);
  const key = `${keyOf(ref)}/unspent`;
  await together([
    post(tx, key, [...sourceLines(source), receives(back.holder, back.amountMsat)]),
    giveForAttempt(tx, key, ref, { shares: [], refunds: [back] }),
    recordPayments(tx, ref, [
      { direction: 'in', kind: 'invoice', holder: { system: 'issued' }, amountMsat: receivedMsat },
      back,
    ]),
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

export async function post(tx: ClientBase, key: string, lines: readonly Line[]): Promise<void> {
  // Callers hold the attempt's row and have checked its state: a key that exists is a defect, not a race.
  if (!(await postEntry(tx, key, lines))) throw new Error(`entry ${key} exists`);
}

function receives(holder: Holder, amountMsat: Msat): Line {
  return { holder, asset: 'CREDITS', amountMsat };
}

function gives(line: Line): Line {
  return { ...line, amountMsat: subtractMsat(ZERO_MSAT, line.amountMsat) };
}

/** Sats that come in back the credits issued for them. */
function sourceLines(source: Source): readonly Line[] {
  const { amountMsat } = source;
  if (source.kind === 'credits') return [gives(receives({ owner: source.owner }, amountMsat))];
  const backing: Line = { holder: { system: 'backing' }, asset: 'SATS', amountMsat };
  return [
    gives({ ...backing, holder: { system: 'outside' } }),
    backing,
    gives(receives({ system: 'issued' }, amountMsat)),
  ];
}

function sourceHolder(source: Source): Holder {
  return source.kind === 'credits' ? { owner: source.owner } : { system: 'issued' };
}

export async function recordPayments(
  tx: ClientBase,
  ref: ActionRef,
  payments: readonly PaymentRow[],
): Promise<void> {
  await tx.query(
    `insert into attempt_payments (action_id, attempt, direction, kind, ledger_account_id, amount_msat)
     select $1, $2, p.direction, p.kind, coalesce(
         (select id from ledger_accounts where asset = 'CREDITS' and owner = p.owner),
         (select id from ledger_accounts where asset = 'CREDITS' and system = p.system)),
       p.amount_msat
     from unnest($3::text[], $4::text[], $5::uuid[], $6::text[], $7::bigint[])
       as p(direction, kind, owner, system, amount_msat)`,
    [
      ref.actionId,
      ref.attempt,
      payments.map((payment) => payment.direction),
      payments.map((payment) => payment.kind),
      payments.map(({ holder }) => ('owner' in holder ? holder.owner : null)),
      payments.map(({ holder }) => ('system' in holder ? holder.system : null)),
      payments.map((payment) => payment.amountMsat),
    ],
  );
}
