import { randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';

const ORDER = {
  orders: 'id',
  order_messages: 'order_id',
  payment_hashes: 'payable',
  invoices: 'order_id',
  legs: 'order_id',
  transitions: 'subject',
  outbox: 'subject',
} as const;

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
  order: ORDER,
  /** With an invoice of a gateway. */
  gatewayOrder: { ...ORDER, gateway_invoices: 'hash' },
  /** Its payment, and its start: rows that are changed count as written. */
  orderPaid: {
    orders: 'id',
    invoices: 'order_id',
    legs: 'order_id',
    entries: 'key',
    postings: 'entry_id',
    transitions: 'subject',
    outbox: 'payload',
  },
} as const;
export type Opening = keyof typeof ROWS_OF;

/** Of a payment, not of what becomes of it. */
const ENTRY = `key like 'order/' || $1 || '/%' and key not like '%/sent'`;

/** Which rows of a table belong to it, where its column does not contain the id `$1`. */
const WHERE: Readonly<Record<string, string>> = {
  'gatewayOrder.gateway_invoices': `hash in (select hash from payment_hashes where payable like '%' || $1 || '%')`,
  'orderPaid.legs': `order_id::text = $1 and side = 'in'`,
  'orderPaid.entries': ENTRY,
  'orderPaid.postings': `entry_id in (select id from entries where ${ENTRY})`,
  'orderPaid.transitions': `subject = $1 and event in ('paid', 'started')`,
  'orderPaid.outbox': `subject like 'transmissions.%.started' and payload ->> 'uuid' = $1`,
};

const row = z.record(z.string(), z.unknown());

/** An insert with the values of a row that an opening wrote. */
export interface Insert {
  readonly table: string;
  readonly columns: readonly string[];
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
    const usual = `(${column}::text like '%' || $1 || '%'
         or '${table}' = 'outbox' and ${column}::text in (select hash from payment_hashes where payable like '%' || $1 || '%'))
       and ('${table}' <> 'transitions' or to_jsonb(${table}) ->> 'from_state' is null)
       and ('${table}' <> 'outbox' or to_jsonb(${table}) ->> 'kind' in ('start', 'create_invoice'))`;
    const { rows } = await pool.query(
      `select * from ${table} where ${WHERE[`${opening}.${table}`] ?? usual}`,
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
    ...{ table, columns },
    sql: `insert into floor.${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    values: columns.map((column) => found[column]),
  };
}

/** Values that are unique, and are not made from the id. */
const COUNTED: ReadonlySet<string> = new Set(['orders.tx_seq_num', 'postings.entry_id']);
const NAMED: ReadonlySet<string> = new Set(['gateway_invoices.id']);
let counted = 1_000_000_000;

/** The same rows with a new id, payment hash, numbers and idempotency key. */
export function withNewIds(template: readonly Insert[], id: string): Insert[] {
  const fresh = randomUUID();
  const hash = randomBytes(32).toString('hex');
  counted += 1;
  return template.map(({ table, columns, values, ...insert }) => ({
    ...{ ...insert, table, columns },
    values: values.map((value, n) => {
      const column = `${table}.${columns[n] ?? ''}`;
      if (COUNTED.has(column)) return counted;
      if (NAMED.has(column)) return hash;
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
