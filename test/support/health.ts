import { Client, Connection } from '@temporalio/client';
import type { NatsConnection } from 'nats';
import { pino } from 'pino';
import type { StreamName } from '../../domain/names/subjects.js';
import { runDoctor } from '../../services/cli/doctor/doctor.js';
import {
  AT_REST_GRACE_SECONDS,
  inSnapshot,
  runChecks,
} from '../../services/cli/doctor/run-checks.js';
import { inTimeChecks } from '../../services/cli/doctor/checks/in-time.js';
import { connectNats } from '../../services/shared/nats.js';
import type { System } from '../e2e/system.helper.js';
import { waitUntil } from './wait-until.js';

const SETTINGS = { outboxKeepHours: 24, graceSeconds: AT_REST_GRACE_SECONDS };

/** Waits until nothing is open and every event is published. Fails with what is still open. */
export async function waitUntilIdle(system: System, timeoutMs: number): Promise<void> {
  const { pool, servers, natsEmptiedAt } = system;
  let open = '';
  await waitUntil(
    'nothing is open',
    async () => {
      const findings = await inSnapshot(pool, (tx) => runChecks(tx, inTimeChecks, SETTINGS)).catch(
        () => undefined,
      );
      open = JSON.stringify(
        findings?.filter(({ verdict }) => verdict !== 'ok') ?? 'PostgreSQL is not available',
      );
      return open === '[]' && (await countUnconfirmed(pool, natsEmptiedAt)) === 0;
    },
    timeoutMs,
  ).catch(async (error: unknown) => {
    const rows = JSON.stringify(await openRows(pool), null, 1);
    throw new Error(`still open: ${open}\n${rows}`, { cause: error });
  });
  await waitForWorkflows(servers.temporalAddress, timeoutMs);
}

const RUNNING = `ExecutionStatus = 'Running'`;

/** Their rows are final, so the workflows must end too. */
async function waitForWorkflows(address: string, timeoutMs: number): Promise<void> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  try {
    await waitUntil(
      'no workflow runs',
      async () => (await workflow.count(RUNNING)).count === 0,
      timeoutMs,
    ).catch(async (cause: unknown) => {
      const ids: string[] = [];
      for await (const { workflowId } of workflow.list({ query: RUNNING })) ids.push(workflowId);
      const some = ids.slice(0, 10).join(', ');
      throw new Error(`${ids.length} workflows run: ${some}`, { cause });
    });
  } finally {
    await connection.close();
  }
}

/** Open rows with their transitions, invoices and outbox, to debug a failed test. */
async function openRows(pool: System['pool']): Promise<unknown> {
  const { rows } = await pool.query<{ row: unknown }>(
    `select jsonb_build_object('now', now(), 'order', to_jsonb(o), 'steps', (
         select jsonb_agg(to_jsonb(t) order by id) from transitions t where subject = o.id::text),
       'invoices', (select jsonb_agg(to_jsonb(i)) from invoices i where order_id = o.id),
       'outbox', (select jsonb_agg(to_jsonb(b) - 'payload' order by id) from outbox b
         where ordering_key = 'order/' || o.id)) as row
     from orders o where due_at is not null or state = 'sent'
     union all
     select jsonb_build_object('now', now(), 'attempt', to_jsonb(a), 'steps', (
         select jsonb_agg(to_jsonb(t) order by id) from transitions t
         where subject = a.action_id || '/' || a.attempt),
       'invoices', (select jsonb_agg(to_jsonb(i)) from invoices i where i.action_id = a.action_id),
       'outbox', (select jsonb_agg(to_jsonb(b) - 'payload' order by id) from outbox b
         where ordering_key = 'action/' || a.action_id || '/' || a.attempt))
     from attempts a where due_at is not null
     limit 3`,
  );
  return rows.map(({ row }) => row);
}

/**
 * Sent orders that still wait for confirmations of receivers. Confirmations that were lost when NATS was emptied do not come again,
 * and a retransmission goes to other regions: such an order stays in `sent` and is not counted.
 */
async function countUnconfirmed(pool: System['pool'], natsEmptiedAt?: Date): Promise<number> {
  const { rowCount } = await pool.query(
    `select from orders where state = 'sent'
       and started_at > coalesce($1::timestamptz + $2 * interval '1 second', '-infinity')`,
    [natsEmptiedAt ?? null, EMPTIED_WITHIN_SECONDS],
  );
  return rowCount ?? 0;
}

/** How long NATS takes to stop, lose its data and start again. */
const EMPTIED_WITHIN_SECONDS = 20;

/** Number of messages in a stream. */
export async function streamMessages(system: System, stream: StreamName): Promise<number> {
  const nc = await connectTo(system);
  try {
    return (await (await nc.jetstreamManager()).streams.info(stream)).state.messages;
  } finally {
    await nc.close();
  }
}

function connectTo({ servers: { natsUrl } }: System): Promise<NatsConnection> {
  return connectNats({ natsUrl }, pino({ level: 'silent' }), 'test', { waitForServer: false });
}

/** Checks of the doctor that fail on an idle system, a line each. */
export async function failedChecks(system: System): Promise<string[]> {
  const findings = await runDoctor({
    pool: system.pool,
    connectNats: () => connectTo(system),
    node: system.node,
    outboxKeepHours: SETTINGS.outboxKeepHours,
    atRest: true,
  });
  return findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(({ check, verdict, count, ids, note }) =>
      [check, verdict, count, ids.join(' '), note ?? ''].join(' | '),
    );
}
