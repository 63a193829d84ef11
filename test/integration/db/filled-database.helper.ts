import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg, { type Pool } from 'pg';
import { packageRoot } from '../../../db/package-root.js';
import { emptyDatabase } from '../../support/empty-database.js';

/** A database that the release before legs has filled, with its times moved so that it was left just now. */
export async function filledDatabase(): Promise<Awaited<ReturnType<typeof emptyDatabase>>> {
  const database = await emptyDatabase();
  const file = join(packageRoot(), 'test', 'vectors', 'upgrade', '22da69c.sql.gz');
  const dump = gunzipSync(await readFile(file)).toString('utf8');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(dump);
    await client.query('set search_path = public');
    await moveTimes(client);
  } finally {
    await client.end();
  }
  return database;
}

/** Adds the same to every time, so that deadlines are as far away as they were. */
async function moveTimes(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('update %I.%I set %s', table_schema, table_name,
         string_agg(format('%1$I = %1$I + $age$%2$s$age$::interval', column_name, age), ', ')) as statement
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name),
       (select now() - max(at) as age from transitions) a
     where t.table_type = 'BASE TABLE' and table_schema in ('public', 'lightning_sim') and table_name <> 'schema_migrations'
       and c.data_type = 'timestamp with time zone' and c.is_generated = 'NEVER'
     group by table_schema, table_name`,
  );
  // Without triggers: rows that are never to change change here.
  await client.query('set session_replication_role = replica');
  for (const { statement } of rows) await client.query(statement);
  await client.query('set session_replication_role = default');
}

export interface Books {
  /** By owner and asset, in msat: what the account says. */
  readonly balances: Readonly<Record<string, bigint>>;
  /** By account: what is left of its lots, in msat. */
  readonly lots: Readonly<Record<string, bigint>>;
  readonly attempts: Readonly<Record<string, bigint>>;
  readonly orders: Readonly<Record<string, bigint>>;
  /** What is owed to people without an account, in msat. */
  readonly claimsMsat: bigint;
  /** What came in over the node, in msat. */
  readonly receivedMsat: bigint;
}

/** Sums that no migration may change, read by SQL that holds before and after. */
export async function readBooks(pool: Pool): Promise<Books> {
  const sums = async (sql: string): Promise<Record<string, bigint>> => {
    const { rows } = await pool.query<{ key: string; sum: bigint }>(sql);
    return Object.fromEntries(rows.map(({ key, sum }) => [key, sum]));
  };
  const system = await sums(
    `select a.system as key, sum(p.amount_msat)::bigint as sum
     from postings p join ledger_accounts a on a.id = p.ledger_account_id where a.system in ('claims', 'outside') group by 1`,
  );
  return {
    balances: await sums(
      `select owner || ' ' || asset as key, balance_msat as sum from ledger_accounts where owner is not null`,
    ),
    lots: await sums(
      `select address as key, sum(remaining)::bigint as sum from credit_lots where ledger = 'actions' group by 1`,
    ),
    attempts: await sums('select state as key, count(*) as sum from attempts group by 1'),
    orders: await sums('select state as key, count(*) as sum from orders group by 1'),
    claimsMsat: system['claims'] ?? 0n,
    receivedMsat: -(system['outside'] ?? 0n),
  };
}

/** Accounts whose stored balance is not the sum of its postings; those whose credits are not the sum of their lots. */
export async function differingBalances(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    `select a.owner || ' ' || a.asset as key from ledger_accounts a where a.owner is not null and (
       a.balance_msat <> (select coalesce(sum(p.amount_msat), 0) from postings p where p.ledger_account_id = a.id)
       or a.asset = 'CREDITS' and a.balance_msat <> (
         select coalesce(sum(l.remaining), 0) from credit_lots l where l.ledger = 'actions' and l.address = a.owner::text))`,
  );
  return rows.map(({ key }) => key);
}
