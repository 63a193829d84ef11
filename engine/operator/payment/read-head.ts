import type { ClientBase } from 'pg';
import { type Msat, toMsat } from '../../../domain/money.js';
import { actionWorkflowId, orderWorkflowId } from '../../../domain/names/workflows.js';
import { ATTEMPTS_SHOWN, type AttemptStory, type PaymentStory } from './story.js';

export type AttemptHead = Omit<
  AttemptStory,
  'transitions' | 'legs' | 'invoices' | 'payments' | 'walletTries'
>;

/** The rows of an action and its attempts, or of an order. */
export type Head = Pick<
  PaymentStory,
  'kind' | 'id' | 'state' | 'about' | 'actor' | 'openedBy' | 'costMsat' | 'createdAt'
> & { readonly attempts: readonly AttemptHead[] };

/** Undefined where the id is of no action and no order. */
export async function readHead(tx: ClientBase, id: string): Promise<Head | undefined> {
  return (await readAction(tx, id)) ?? (await readOrder(tx, id));
}

interface ActionRow {
  readonly about: string;
  readonly actor: string | null;
  readonly openedBy: string | null;
  readonly costMsat: Msat;
  readonly createdAt: Date;
}

async function readAction(tx: ClientBase, id: string): Promise<Head | undefined> {
  const { rows } = await tx.query<ActionRow>(
    `select s.type as about, a.name as actor, s.opened_by as "openedBy", s.cost_msat as "costMsat", s.created_at as "createdAt"
     from actions s left join accounts a on a.id = s.actor where s.id = $1`,
    [id],
  );
  const [action] = rows;
  if (action === undefined) return undefined;
  const attempts = await readAttempts(tx, id);
  const state = attempts.at(-1)?.state ?? 'without an attempt';
  return { kind: 'action', id, state, ...action, attempts };
}

/** Sweeps count for the present due time only. */
const SWEEPS = `case when swept_for = due_at then sweeps else 0 end as sweeps, swept_at as "sweptAt"`;

type AttemptRow = Omit<AttemptHead, 'workflowId' | 'attempt'> & { readonly attempt: number };

async function readAttempts(tx: ClientBase, id: string): Promise<AttemptHead[]> {
  const { rows } = await tx.query<AttemptRow>(
    `select attempt, flow, state, reason, opened_at as "openedAt", deadline_at as "deadlineAt", due_at as "dueAt", ${SWEEPS},
       type_failures as "typeFailures"
     from attempts where action_id = $1 order by attempt desc limit $2`,
    [id, ATTEMPTS_SHOWN],
  );
  return rows.reverse().map((row) => ({ workflowId: actionWorkflowId(id, row.attempt), ...row }));
}

interface OrderRow extends Pick<
  AttemptHead,
  'state' | 'deadlineAt' | 'dueAt' | 'sweeps' | 'sweptAt'
> {
  readonly channel: number;
  readonly bidMsat: bigint;
  readonly createdAt: Date;
}

async function readOrder(tx: ClientBase, id: string): Promise<Head | undefined> {
  const { rows } = await tx.query<OrderRow>(
    `select state, channel, bid_msat + unpaid_bid_msat as "bidMsat", created_at as "createdAt", deadline_at as "deadlineAt",
       due_at as "dueAt", ${SWEEPS}
     from orders where id = $1`,
    [id],
  );
  const [order] = rows;
  if (order === undefined) return undefined;
  const { channel, bidMsat, createdAt, ...attempt } = order;
  const only: AttemptHead = {
    ...{ workflowId: orderWorkflowId(id), attempt: null, flow: null, reason: null },
    ...{ openedAt: createdAt, typeFailures: 0, ...attempt },
  };
  return {
    ...{ kind: 'order', id, state: order.state, about: `channel ${channel}`, actor: null },
    openedBy: null,
    ...{ costMsat: toMsat(bidMsat), createdAt, attempts: [only] },
  };
}
