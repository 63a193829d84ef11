import type { Pool, PoolClient } from 'pg';
import type { AttemptFlow, AttemptState } from '../../domain/actions/machine.js';
import type { Msat } from '../../domain/money.js';
import { capabilityMatches } from '../accounts/capability.js';
import type { ActionView, AttemptView, Caller, InvoiceView } from './contract.js';
import { resultOf } from './types/index.js';

type Db = Pool | PoolClient;

interface ActionRow {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly actor_name: string | null;
  readonly capability_hash: Buffer | null;
  readonly args: unknown;
  readonly cost_msat: Msat;
  readonly created_at: Date;
}

interface AttemptJoinRow {
  readonly action_id: string;
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

/** The action as its author or an operator sees it; undefined for everybody else. */
export async function viewAction(
  db: Db,
  actionId: string,
  viewer: Caller,
): Promise<ActionView | undefined> {
  const [row] = await readRows(db, [actionId]);
  if (row === undefined || !maySee(viewer, row)) return undefined;
  return assemble(db, row, await readAttempts(db, [actionId]));
}

/** For whoever has just opened or changed it. */
export async function viewOwn(db: Db, actionId: string): Promise<ActionView> {
  const [view] = await viewEach(db, [actionId]);
  if (view === undefined) throw new Error(`no action ${actionId}`);
  return view;
}

/** Without asking who looks; in the order of the ids. */
export async function viewEach(db: Db, actionIds: readonly string[]): Promise<ActionView[]> {
  const actions = await readRows(db, actionIds);
  const attempts = await readAttempts(db, actionIds);
  const views: ActionView[] = [];
  for (const id of actionIds) {
    const row = actions.find((action) => action.id === id);
    if (row !== undefined) views.push(await assemble(db, row, attempts));
  }
  return views;
}

async function readRows(db: Db, actionIds: readonly string[]): Promise<ActionRow[]> {
  const { rows } = await db.query<ActionRow>(
    `select a.id, a.type, a.actor, accounts.name as actor_name, a.capability_hash, a.args, a.cost_msat, a.created_at
     from actions a left join accounts on accounts.id = a.actor where a.id = any($1::uuid[])`,
    [actionIds],
  );
  return rows;
}

async function readAttempts(db: Db, actionIds: readonly string[]): Promise<AttemptJoinRow[]> {
  const { rows } = await db.query<AttemptJoinRow>(
    `select a.action_id, a.attempt, a.flow, a.state, a.reason, a.opened_at, a.changed_at,
       i.hash, i.kind, i.state as invoice_state, i.bolt11, i.amount_msat, i.expires_at
     from attempts a left join invoices i using (action_id, attempt)
     where a.action_id = any($1::uuid[]) order by a.attempt`,
    [actionIds],
  );
  return rows;
}

function maySee(viewer: Caller, row: ActionRow): boolean {
  if (viewer.kind === 'anonymous') return capabilityMatches(viewer.capability, row.capability_hash);
  return viewer.role === 'operator' || viewer.id === row.actor;
}

async function assemble(
  db: Db,
  row: ActionRow,
  attemptRows: readonly AttemptJoinRow[],
): Promise<ActionView> {
  const attempts = attemptRows.filter((attempt) => attempt.action_id === row.id).map(attemptView);
  const newest = attempts.at(-1);
  if (newest === undefined) throw new Error(`action ${row.id} has no attempt`);
  return {
    id: row.id,
    type: row.type,
    actor: row.actor_name,
    args: row.args,
    costMsat: row.cost_msat,
    createdAt: row.created_at,
    state: newest.state,
    result: await resultOf(row.type, db, row.id),
    retryable: newest.state === 'FAILED',
    attempts,
  };
}

function attemptView(row: AttemptJoinRow): AttemptView {
  const { attempt, flow, state, reason, opened_at: openedAt, changed_at: changedAt } = row;
  return { attempt, flow, state, reason, openedAt, changedAt, invoice: invoiceView(row) };
}

function invoiceView(row: AttemptJoinRow): InvoiceView | null {
  if (row.hash === null) return null;
  const { hash, kind, invoice_state: state, bolt11, amount_msat: amountMsat } = row;
  return { hash, kind, state, bolt11, amountMsat, expiresAt: row.expires_at };
}
