import type { Pool, PoolClient } from 'pg';
import { mayDo, type Scope } from '../../domain/accounts/roles.js';
import type { AttemptFlow, AttemptState } from '../../domain/actions/machine.js';
import { type Msat, ZERO_MSAT } from '../../domain/money.js';
import { capabilityMatches, type Caller } from '../accounts/caller.js';
import type { ActionView, AttemptView, InvoiceView } from './contract.js';
import { isRetryable, resultSql } from './types/index.js';

type Db = Pool | PoolClient;

/** An action joined to one of its attempts and that one's invoice. */
interface ViewRow {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly actor_name: string | null;
  readonly capability_hash: Buffer | null;
  readonly args: unknown;
  readonly cost_msat: Msat;
  readonly created_at: Date;
  readonly result: Readonly<Record<string, string>> | null;
  /** Null where it is no claimant's. */
  readonly claims_msat: Msat | null;
  readonly attempt: number;
  readonly flow: AttemptFlow;
  readonly state: AttemptState;
  readonly reason: string | null;
  readonly opened_at: Date;
  readonly changed_at: Date;
  readonly hash: string | null;
  readonly kind: 'ordinary' | 'hold';
  readonly invoice_state: InvoiceView['state'];
  readonly bolt11: string | null;
  readonly amount_msat: Msat;
  readonly expires_at: Date | null;
}

/** The action as its author sees it, or who has the privilege; undefined for everybody else. */
export async function viewAction(
  db: Db,
  actionId: string,
  viewer: Caller,
  privilege: 'read' | 'payments' = 'read',
): Promise<ActionView | undefined> {
  const rows = await readRows(db, [actionId]);
  const [row] = rows;
  return row !== undefined && maySee(viewer, row, privilege) ? assemble(rows) : undefined;
}

/** Without a check of the viewer: for the caller that has just opened or changed it. */
export async function viewOwn(db: Db, actionId: string): Promise<ActionView> {
  return assemble(await readRows(db, [actionId]));
}

/** Without a check of the viewer; in the order of the ids. */
export async function viewEach(db: Db, actionIds: readonly string[]): Promise<ActionView[]> {
  const byAction = new Map<string, ViewRow[]>(actionIds.map((id) => [id, []]));
  for (const row of await readRows(db, actionIds)) byAction.get(row.id)?.push(row);
  return [...byAction.values()].filter((rows) => rows.length > 0).map(assemble);
}

/** How many attempts of an action are shown: its newest. */
const ATTEMPTS_SHOWN = 50;

/** The attempts of an action from the first on. What they share is sent once. */
async function readRows(db: Db, actionIds: readonly string[]): Promise<ViewRow[]> {
  const { rows } = await db.query<ViewRow>(
    `select s.id, s.type, s.actor, accounts.name as actor_name, s.capability_hash, s.cost_msat, s.created_at,
       case when a.newest then s.args end as args, case when a.newest then ${resultSql()} end as result,
       case when a.newest and s.actor is null then (
         select sum(c.amount_msat)::bigint from claims c where c.action_id = s.id and c.state = 'open') end as claims_msat,
       a.attempt, a.flow, a.state, a.reason, a.opened_at, a.changed_at,
       i.hash, i.kind, i.state as invoice_state, i.bolt11, i.amount_msat, i.expires_at
     from actions s
     join lateral (
       select *, attempt = max(attempt) over () as newest from attempts where action_id = s.id
       order by attempt desc limit $2) a on true
     left join invoices i on i.action_id = s.id and i.attempt = a.attempt
     left join accounts on accounts.id = s.actor
     where s.id = any($1::uuid[]) order by a.attempt`,
    [actionIds, ATTEMPTS_SHOWN],
  );
  return rows;
}

export interface ActionMark {
  readonly key: string;
  readonly actionId: string;
  readonly mark: string;
}

/** A text per action that is another one whenever its newest attempt has moved. Without a check of the viewer. */
export async function readActionMarks(
  db: Pool,
  actionIds: readonly string[],
): Promise<readonly ActionMark[]> {
  const { rows } = await db.query<ActionMark>(
    `select distinct on (action_id) action_id as key, action_id as "actionId", concat_ws(' ', attempt, state) as mark
     from attempts where action_id = any($1::uuid[]) order by action_id, attempt desc`,
    [actionIds],
  );
  return rows;
}

function maySee(viewer: Caller, row: ViewRow, privilege: Scope): boolean {
  if (viewer.kind === 'anonymous') return capabilityMatches(viewer.capability, row.capability_hash);
  return mayDo(viewer, privilege) || (viewer.id === row.actor && mayDo(viewer, 'own'));
}

function assemble(rows: readonly ViewRow[]): ActionView {
  const newest = rows.at(-1);
  if (newest === undefined) throw new Error('there is no such action, or it has no attempt');
  return {
    id: newest.id,
    type: newest.type,
    actor: newest.actor_name,
    args: newest.args,
    costMsat: newest.cost_msat,
    createdAt: newest.created_at,
    state: newest.state,
    result: newest.result ?? {},
    retryable: newest.state === 'FAILED' && isRetryable(newest.type),
    claimsMsat: newest.claims_msat ?? ZERO_MSAT,
    attempts: rows.map(attemptView),
  };
}

function attemptView(row: ViewRow): AttemptView {
  const { attempt, flow, state, reason, opened_at: openedAt, changed_at: changedAt } = row;
  return { attempt, flow, state, reason, openedAt, changedAt, invoice: invoiceView(row) };
}

function invoiceView(row: ViewRow): InvoiceView | null {
  if (row.hash === null) return null;
  const { hash, kind, invoice_state: state, bolt11, amount_msat: amountMsat } = row;
  return { hash, kind, state, bolt11, amountMsat, expiresAt: row.expires_at };
}
