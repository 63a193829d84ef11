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

/** Until nothing is open any more and everything is told; fails with what is still open. */
export async function waitForRest(system: System, timeoutMs: number): Promise<void> {
  const { pool, servers, natsEmptiedAt } = system;
  let open = '';
  await waitUntil(
    'all is over',
    async () => {
      const findings = await inSnapshot(pool, (tx) => runChecks(tx, inTimeChecks, SETTINGS)).catch(
        () => undefined,
      );
      open = JSON.stringify(findings?.filter(({ verdict }) => verdict !== 'ok') ?? 'no PostgreSQL');
      return open === '[]' && (await countUnheard(pool, natsEmptiedAt)) === 0;
    },
    timeoutMs,
  ).catch(async (error: unknown) => {
    const rows = JSON.stringify(await openRows(pool), null, 1);
    throw new Error(`still open: ${open}\n${rows}`, { cause: error });
  });
  await waitForWorkflows(servers.temporalAddress, timeoutMs);
}

/** Their rows are over: so must they be. */
async function waitForWorkflows(address: string, timeoutMs: number): Promise<void> {
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  try {
    await waitUntil(
      'no workflow runs any more',
      async () => (await workflow.count(`ExecutionStatus = 'Running'`)).count === 0,
      timeoutMs,
    );
  } finally {
    await connection.close();
  }
}

/** For whoever has to find out why. */
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
 * Orders whose receivers are still to be heard. What these had told NATS before it lost everything, nobody can be asked for
 * again, and what is sent again goes to other regions: such an order stays sent, and its money is where it belongs.
 */
async function countUnheard(pool: System['pool'], natsEmptiedAt?: Date): Promise<number> {
  const { rowCount } = await pool.query(
    `select from orders where state = 'sent'
       and started_at > coalesce($1::timestamptz + $2 * interval '1 second', '-infinity')`,
    [natsEmptiedAt ?? null, EMPTIED_WITHIN_SECONDS],
  );
  return rowCount ?? 0;
}

/** How long NATS takes to stop, to be emptied and to be back. */
const EMPTIED_WITHIN_SECONDS = 20;

/** How many messages a stream holds. */
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

/** What the doctor finds when all is over; empty when all is well. */
export async function illnesses(system: System): Promise<string[]> {
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
