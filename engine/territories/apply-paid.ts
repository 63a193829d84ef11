import type { ClientBase } from 'pg';
import { satsToMsat, type Msat } from '../../domain/money.js';
import { type Billing, periodEnd, PRICES } from '../../domain/territories/billing.js';
import { territoryMachine } from '../../domain/territories/machine.js';
import { territoryWorkflowId } from '../../domain/names/workflows.js';
import { enqueueOpening, enqueueStart, enqueueWake } from '../outbox.js';
import { transition } from '../transition.js';
import type { TerritoryChanges, TerritorySettings } from './settings.js';
import { TERRITORIES, type TerritoryRow } from './territory-row.js';
import { territoryStart } from './territory-start.js';
import { recordTransfer } from './transfer.js';

export interface NewTerritory extends TerritorySettings {
  readonly name: string;
  readonly billing: Billing;
  readonly owner: string;
  /** Of the action that paid for it. */
  readonly actionId: string;
}

/** A territory whose first period is paid, from now on. Its workflow starts. */
export async function createTerritory(
  tx: ClientBase,
  { name, billing, owner, actionId, ...settings }: NewTerritory,
  now: Date,
): Promise<void> {
  const anchorDay = now.getUTCDate();
  const paidUntil = periodEnd(billing, now, anchorDay);
  const { rows } = await tx.query<{ id: bigint }>(
    `insert into territories (name, action_id, owner, state, billing, price_msat, billed_at, paid_until, anchor_day, due_at,
       auto_renew, description, base_cost_msat, reply_cost_msat, post_types, ranking, moderated)
     values ($1, $2, $3, 'ACTIVE', $4, $5, $6, $7, $8, $7, $9, $10, $11, $12, $13, $14, $15) returning id`,
    [
      ...[name, actionId, owner, billing, PRICES[billing], now, paidUntil, anchorDay],
      ...[settings.autoRenew, settings.description],
      ...[satsToMsat(BigInt(settings.baseCostSats)), satsToMsat(BigInt(settings.replyCostSats))],
      ...[settings.postTypes, settings.ranking, settings.moderated],
    ],
  );
  const [created] = rows;
  if (created === undefined) throw new Error(`territory ${name} was not created`);
  await enqueueOpening(
    tx,
    { machine: territoryMachine, subject: created.id.toString(), event: 'created' },
    territoryStart(created.id, { name, state: 'ACTIVE' }),
  );
}

/** Settings and, where it is paid for, another billing. The row is locked. */
export async function changeTerritory(
  tx: ClientBase,
  row: TerritoryRow,
  { billing = row.billing, ...changes }: TerritoryChanges & { readonly billing?: Billing },
  paid: boolean,
): Promise<void> {
  const sats = (cost: number | undefined): Msat | null =>
    cost === undefined ? null : satsToMsat(BigInt(cost));
  const paidUntil = paid ? periodEnd(billing, row.billed_at, row.anchor_day) : row.paid_until;
  await tx.query(
    `update territories set description = coalesce($2, description), base_cost_msat = coalesce($3, base_cost_msat),
       reply_cost_msat = coalesce($4, reply_cost_msat), post_types = coalesce($5, post_types),
       ranking = coalesce($6, ranking), moderated = coalesce($7, moderated), auto_renew = coalesce($8, auto_renew),
       billing = $9, price_msat = case when billing = $9 then price_msat else $10 end, paid_until = $11,
       due_at = case when paid_until is distinct from $11 then $11 else due_at end
     where id = $1`,
    [
      ...[row.id, changes.description ?? null, sats(changes.baseCostSats)],
      ...[sats(changes.replyCostSats), changes.postTypes ?? null, changes.ranking ?? null],
      ...[
        changes.moderated ?? null,
        changes.autoRenew ?? null,
        billing,
        PRICES[billing],
        paidUntil,
      ],
    ],
  );
  await enqueueWake(tx, territoryWorkflowId(row.id.toString()), 'changed');
}

/** The next period, from the end of the last one. The row is locked. */
export async function renewTerritory(tx: ClientBase, row: TerritoryRow): Promise<void> {
  if (row.paid_until === null) throw new Error(`territory ${row.name} is paid for ever`);
  const paidUntil = periodEnd(row.billing, row.paid_until, row.anchor_day);
  const moved = await transition(tx, TERRITORIES, {
    ...{ key: [row.id.toString()], event: 'billed' },
    set: (param) => {
      const until = `${param(paidUntil)}::timestamptz`;
      return { billed_at: 'r.paid_until', paid_until: until, due_at: until };
    },
  });
  if (moved === undefined) throw new Error(`territory ${row.name} cannot be renewed`);
  await enqueueWake(tx, territoryWorkflowId(row.id.toString()), 'billed');
}

/** A stopped territory is paid for from now on, at the price of today, by its owner or a new one. The row is locked. */
export async function reviveTerritory(
  tx: ClientBase,
  row: TerritoryRow,
  revived: { readonly owner: string; readonly billing: Billing },
  now: Date,
): Promise<void> {
  const { owner, billing } = revived;
  const anchorDay = now.getUTCDate();
  const paidUntil = periodEnd(billing, now, anchorDay);
  const moved = await transition(tx, TERRITORIES, {
    ...{ key: [row.id.toString()], event: 'unarchived' },
    set: (param) => {
      const until = `${param(paidUntil)}::timestamptz`;
      return {
        ...{ owner: `${param(owner)}::uuid`, billing: param(billing), paid_until: until },
        ...{ price_msat: `${param(PRICES[billing])}::bigint`, due_at: until },
        ...{ billed_at: `${param(now)}::timestamptz`, anchor_day: `${param(anchorDay)}::integer` },
      };
    },
  });
  if (moved === undefined) throw new Error(`territory ${row.name} is not stopped`);
  if (owner !== row.owner) await recordTransfer(tx, row.id, row.owner, owner);
  const start = territoryStart(row.id, { name: row.name, state: 'ACTIVE' });
  await enqueueStart(tx, { ...start, recover: true });
}
