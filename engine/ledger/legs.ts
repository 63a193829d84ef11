import type { ClientBase } from 'pg';
import { type Msat, subtractMsat, toMsat, ZERO_MSAT } from '../../domain/money.js';
import type { Asset, Entry, Holder, PostingLine } from './post-entry.js';

/** What a leg belongs to: an attempt to pay an action, or an order. */
export type Payable =
  { readonly actionId: string; readonly attempt: number } | { readonly orderId: string };

/**
 * `in`: from a balance, an invoice or a claim. `out`: a share of the cost. `refund`: what goes back. `conversion`: from its asset into
 * the other one.
 */
export type LegSide = 'in' | 'out' | 'refund' | 'conversion';

/** What a share is about, beside whose it is. */
export interface LegTags {
  /** The territory whose owner gets it. */
  readonly territory?: string;
  /** The action that is paid together with the payable's own, and of whose cost it is a share. */
  readonly child?: string;
}

/** A part of a payable's money. Amounts in msat, above 0. */
export interface Leg extends LegTags {
  readonly n: number;
  readonly side: LegSide;
  readonly kind: string;
  readonly asset: Asset;
  /** Whose money moves; null for a conversion. */
  readonly holder: Holder | null;
  /** Of the invoice that brings it. */
  readonly hash: string | null;
  /** Null where it was added after the plan was fixed. */
  readonly plannedMsat: Msat | null;
  /** Null until it has moved. */
  readonly actualMsat: Msat | null;
}

/** The id of the workflow that owns the payable, and the key of its rows. */
export function payableId(payable: Payable): string {
  return 'orderId' in payable
    ? `order/${payable.orderId}`
    : `action/${payable.actionId}/${payable.attempt}`;
}

/** Money of a payable that moves now: legs of its plan, and legs added to it. */
export interface Booking {
  readonly payable: Payable;
  /** Of the ledger's entry: it is posted once. */
  readonly key: string;
  /** Planned before; with what they really are. */
  readonly moved: readonly Leg[];
  /** New rows. Those without an actual amount are plan only. */
  readonly added: readonly Leg[];
}

/** Writes the legs of bookings in one statement. The schema refuses what does not add up. */
export async function writeLegs(tx: ClientBase, bookings: readonly Booking[]): Promise<void> {
  const moved = bookings.flatMap(({ payable, moved: of }) =>
    of.map(({ n, actualMsat }) => ({ id: payableId(payable), n, actualMsat })),
  );
  const added = bookings.flatMap(({ payable, added: of }) => of.map((leg) => ({ payable, leg })));
  if (moved.length === 0 && added.length === 0) return;
  await tx.query(WRITE, [
    moved.map(({ id }) => id),
    moved.map(({ n }) => n),
    moved.map(({ actualMsat }) => actualMsat),
    ...columnsOf(added),
  ]);
}

const WRITE = `
  with moved as (
    update legs l set actual_msat = m.actual_msat
    from unnest($1::text[], $2::integer[], $3::bigint[]) as m(payable, n, actual_msat)
    where l.payable = m.payable and l.n = m.n)
  insert into legs (n, action_id, attempt, order_id, side, kind, asset, ledger_account_id, hash, planned_msat, actual_msat, territory, child)
  select l.n, l.action_id, l.attempt, l.order_id, l.side, l.kind, l.asset, coalesce(
      (select id from ledger_accounts where owner = l.owner and asset = l.asset),
      (select id from ledger_accounts where system = l.system and asset = l.asset)),
    l.hash, l.planned_msat, l.actual_msat, l.territory, l.child
  from unnest($4::integer[], $5::uuid[], $6::integer[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::text[],
      $13::text[], $14::bigint[], $15::bigint[], $16::text[], $17::uuid[])
    as l(n, action_id, attempt, order_id, side, kind, asset, owner, system, hash, planned_msat, actual_msat, territory, child)`;

function columnsOf(added: readonly { payable: Payable; leg: Leg }[]): unknown[] {
  return [
    added.map(({ leg }) => leg.n),
    added.map(({ payable }) => ('actionId' in payable ? payable.actionId : null)),
    added.map(({ payable }) => ('attempt' in payable ? payable.attempt : null)),
    added.map(({ payable }) => ('orderId' in payable ? payable.orderId : null)),
    added.map(({ leg }) => leg.side),
    added.map(({ leg }) => leg.kind),
    added.map(({ leg }) => leg.asset),
    added.map(({ leg: { holder } }) => ownerOf(holder)),
    added.map(({ leg: { holder } }) =>
      holder !== null && 'system' in holder ? holder.system : null,
    ),
    added.map(({ leg }) => leg.hash),
    added.map(({ leg }) => leg.plannedMsat),
    added.map(({ leg }) => leg.actualMsat),
    added.map(({ leg }) => leg.territory ?? null),
    added.map(({ leg }) => leg.child ?? null),
  ];
}

function ownerOf(holder: Holder | null): string | null {
  return holder !== null && 'accountId' in holder ? holder.accountId : null;
}

/** The entry that a booking posts. What comes in and does not go out is reserved, and what goes out beyond it was. */
export function entryOf({ key, moved, added }: Booking): Entry {
  const lines = [...moved, ...added].flatMap(linesOf);
  return { key, lines: [...lines, ...reserveLines(lines)] };
}

function linesOf({ side, asset, holder, actualMsat }: Leg): PostingLine[] {
  if (actualMsat === null) return [];
  if (holder === null) return conversionLines(asset, actualMsat);
  const amountMsat = side === 'in' ? subtractMsat(ZERO_MSAT, actualMsat) : actualMsat;
  return [{ holder, asset, amountMsat }];
}

/** From an asset into the other: sats back the credits issued for them, and credits taken back give them free. */
function conversionLines(from: Asset, amountMsat: Msat): PostingLine[] {
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const backing = { holder: { system: 'backing' }, asset: 'SATS' } as const;
  const issued = { holder: { system: 'issued' }, asset: 'CREDITS' } as const;
  return from === 'SATS'
    ? [
        { ...backing, amountMsat },
        { ...issued, amountMsat: negative },
      ]
    : [
        { ...backing, amountMsat: negative },
        { ...issued, amountMsat },
      ];
}

function reserveLines(lines: readonly PostingLine[]): PostingLine[] {
  return (['CREDITS', 'SATS'] as const).flatMap((asset) => {
    const sum = lines.reduce(
      (total, line) => (line.asset === asset ? total + line.amountMsat : total),
      0n,
    );
    return sum === 0n ? [] : [{ holder: { system: 'reserved' }, asset, amountMsat: toMsat(-sum) }];
  });
}

interface LegRow extends Omit<Leg, 'holder' | keyof LegTags> {
  readonly territory: string | null;
  readonly child: string | null;
  readonly payable: string;
  readonly owner: string | null;
  readonly system: Holder extends infer H
    ? (H extends { system: infer S } ? S : never) | null
    : never;
}

/** The legs of payables by {@link payableId}, in their order. */
export async function readLegs(
  db: Pick<ClientBase, 'query'>,
  payables: readonly string[],
): Promise<ReadonlyMap<string, readonly Leg[]>> {
  const { rows } = await db.query<LegRow>(
    `${SELECT} where l.payable = any($1::text[]) order by l.payable, l.n`,
    [payables],
  );
  const found = new Map<string, Leg[]>(payables.map((id) => [id, []]));
  for (const [payable, leg] of rows.map(legOf)) found.get(payable)?.push(leg);
  return found;
}

/** Those of the payable that pays with this hash. */
export async function readLegsOfPayment(
  db: Pick<ClientBase, 'query'>,
  hash: string,
): Promise<readonly Leg[]> {
  const { rows } = await db.query<LegRow>(
    `${SELECT} where l.payable = (select payable from payments where hash = $1) order by l.n`,
    [hash],
  );
  return rows.map((row) => legOf(row)[1]);
}

const SELECT = `
  select l.payable, l.n, l.side, l.kind, l.asset, a.owner, a.system, l.hash, l.planned_msat as "plannedMsat",
    l.actual_msat as "actualMsat", l.territory, l.child
  from legs l left join ledger_accounts a on a.id = l.ledger_account_id`;

function legOf({ payable, owner, system, territory, child, ...leg }: LegRow): [string, Leg] {
  const holder = owner !== null ? { accountId: owner } : system === null ? null : { system };
  return [payable, { ...leg, holder, ...tagsOf({ territory, child }) }];
}

/** Those that are there. */
export function tagsOf(of: {
  readonly [K in keyof LegTags]?: string | null | undefined;
}): LegTags {
  return {
    ...(typeof of.territory === 'string' ? { territory: of.territory } : {}),
    ...(typeof of.child === 'string' ? { child: of.child } : {}),
  };
}

/**
 * The conversion that makes the money of a payable that is over fit: what is left of one asset when all has moved is what is missing of
 * the other. Undefined where each asset fits.
 */
export function conversionFor(legs: readonly Leg[]): Pick<Leg, 'asset' | 'actualMsat'> | undefined {
  const left = legs.reduce((sum, { side, asset, actualMsat }) => {
    const moved = actualMsat ?? 0n;
    if (asset !== 'SATS') return side === 'conversion' ? sum + moved : sum;
    return side === 'in' ? sum + moved : sum - moved;
  }, 0n);
  if (left === 0n) return undefined;
  return left > 0n
    ? { asset: 'SATS', actualMsat: toMsat(left) }
    : { asset: 'CREDITS', actualMsat: toMsat(-left) };
}
