import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SimulatorNode } from '../../../../adapters/lightning/simulator-client/simulator-node.js';
import { runtimeUrl } from '../../../../services/cli/up/runtime-user.js';
import { newPort } from '../../../../services/shared/free-port.js';
import { migratedDatabase, type OwnDatabase, testPool } from '../../../support/empty-database.js';
import { waitUntil } from '../../../support/wait-until.js';
import { type BuiltProcess, readiness, startBuilt } from '../built-process.helper.js';

/** The user of DATABASE_URL, which stands for a pooler; that of DATABASE_DIRECT_URL is the owner. */
let pooled: string;
let database: OwnDatabase;
let pool: Pool;
const processes: BuiltProcess[] = [];

beforeAll(async () => {
  database = await migratedDatabase();
  pool = testPool(database.url, 2);
  const viaPooler = await runtimeUrl(database.url);
  pooled = new URL(viaPooler).username;
  // Trust is due.
  const { rows } = await pool.query<{ id: string }>(
    `insert into accounts (name) values ('seed') returning id`,
  );
  await pool.query('insert into trust_seeds (account_id) values ($1)', [rows[0]?.id]);
  const url = `http://127.0.0.1:${await newPort('127.0.0.1')}`;
  const environment = {
    ...{ DATABASE_URL: viaPooler, DATABASE_DIRECT_URL: database.url },
    ...{ QUITTANCE_LIGHTNING_URL: url, QUITTANCE_API_PORT: '0' },
  };
  const start = (folder: string): BuiltProcess => {
    const started = startBuilt(folder, environment);
    processes.push(started);
    return started;
  };
  start('simulators/lightning');
  const node = new SimulatorNode({ url, timeoutMs: 2_000 });
  await waitUntil('the node', () => node.info().catch(() => undefined));
  for (const folder of [
    'services/api',
    'services/relay',
    'services/lightning',
    'services/worker',
  ]) {
    start(folder);
  }
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.end('SIGKILL')));
  await pool.end();
  await database.drop();
});

interface Session {
  readonly application: string;
  readonly user: string;
}

/** Sessions that a pooler in transaction mode could not carry: those that listen, and those that keep a lock between transactions. */
async function sessions(): Promise<Session[]> {
  const { rows } = await pool.query<Session>(
    `select distinct application_name as application, usename as user from pg_stat_activity a
     where datname = current_database() and pid <> pg_backend_pid()
       and (query ~* '^\\s*listen ' or state = 'idle' and exists (
         select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory'))
     order by application`,
  );
  return rows;
}

it('what takes a session of its own goes to PostgreSQL itself, all else by DATABASE_URL', async () => {
  const blocker = await pool.connect();
  try {
    // The first run of trust waits for this one, with its lock.
    await blocker.query(`begin; insert into trust_runs (territory) values ('')`);
    for (const process of processes) {
      const url = await process.url;
      await waitUntil('it is ready', async () => (await readiness(url)).status === 200);
    }
    const expected = [
      'quittance-api-listen',
      'quittance-lightning-watcher',
      'quittance-relay-listen',
      'quittance-relay-trust',
    ];
    await waitUntil('all are there', async () => {
      const found = (await sessions()).map(({ application }) => application);
      return expected.every((one) => found.includes(one));
    });
    const owner = new URL(database.url).username;
    expect(await sessions()).toEqual(expected.map((application) => ({ application, user: owner })));
    const { rows } = await pool.query<{ application: string }>(
      `select distinct application_name as application from pg_stat_activity
       where datname = current_database() and usename = $1 order by 1`,
      [pooled],
    );
    const byPooler = rows.map(({ application }) => application);
    for (const name of ['api-payments', 'api-reads', 'relay-outbox', 'worker-payments']) {
      expect(byPooler).toContain(`quittance-${name}`);
    }
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
});
