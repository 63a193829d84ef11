import { randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';

/** Tables that an opening writes, each with the column that contains its id. */
export const ROWS_OF = {
  zap: {
    idempotency_keys: 'thing_id',
    actions: 'id',
    zaps: 'action_id',
    attempts: 'action_id',
    payment_hashes: 'payable',
    invoices: 'action_id',
    legs: 'action_id',
    transitions: 'subject',
    outbox: 'subject',
  },
  order: {
    orders: 'id',
    order_messages: 'order_id',
    payment_hashes: 'payable',
    invoices: 'order_id',
    legs: 'order_id',
    transitions: 'subject',
    outbox: 'subject',
  },
} as const;
export type Opening = keyof typeof ROWS_OF;

const row = z.record(z.string(), z.unknown());

/** An insert with the values of a row that an opening wrote. */
export interface Insert {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Inserts for the rows that the opening of `id` wrote, into copies of its tables in the schema `floor`. */
export async function readTemplate(pool: Pool, opening: Opening, id: string): Promise<Insert[]> {
  const inserts: Insert[] = [];
  for (const [table, column] of Object.entries(ROWS_OF[opening])) {
    await pool.query(
      `create schema if not exists floor;
       create table if not exists floor.${table} (like public.${table} including all)`,
    );
    const { rows } = await pool.query(
      `select * from ${table} where (${column}::text like '%' || $1 || '%'
         or '${table}' = 'outbox' and ${column}::text in (select hash from payment_hashes where payable like '%' || $1 || '%'))
       and ('${table}' <> 'transitions' or to_jsonb(${table}) ->> 'from_state' is null)
       and ('${table}' <> 'outbox' or to_jsonb(${table}) ->> 'kind' in ('start', 'create_invoice'))`,
      [id],
    );
    const generated = await generatedColumns(pool, table);
    for (const found of z.array(row).parse(rows)) inserts.push(insertOf(table, found, generated));
  }
  return inserts;
}

async function generatedColumns(pool: Pool, table: string): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = 'public' and table_name = $1
       and (is_identity = 'YES' or is_generated = 'ALWAYS')`,
    [table],
  );
  return new Set(rows.map(({ name }) => name));
}

function insertOf(
  table: string,
  found: Readonly<Record<string, unknown>>,
  generated: ReadonlySet<string>,
): Insert {
  const columns = Object.keys(found).filter(
    (column) => !generated.has(column) && found[column] !== null,
  );
  const places = columns.map((_, index) => `$${index + 1}`);
  return {
    sql: `insert into floor.${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    values: columns.map((column) => found[column]),
  };
}

/** The same rows with a new id, payment hash and idempotency key. */
export function withNewIds(template: readonly Insert[], id: string): Insert[] {
  const fresh = randomUUID();
  const hash = randomBytes(32).toString('hex');
  return template.map(({ sql, values }) => ({
    sql,
    values: values.map((value) => {
      if (typeof value === 'string') {
        if (/^[0-9a-f]{64}$/.test(value)) return hash;
        return value.replaceAll(id, fresh);
      }
      if (Buffer.isBuffer(value)) return value.length === 32 ? randomBytes(32) : value;
      if (value instanceof Date || typeof value !== 'object') return value;
      return JSON.stringify(value).replaceAll(id, fresh);
    }),
  }));
}
