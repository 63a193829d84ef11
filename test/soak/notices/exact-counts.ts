import type { Pool } from 'pg';

/** What has to be there exactly once for each thing that was paid, and what is: both counted from the rows, in SQL. */
const COUNTS: Readonly<Record<string, { readonly expected: string; readonly found: string }>> = {
  'replies that their parents’ authors were told of': {
    expected: `select count(*) from items c join items p on p.id = c.parent_id
      where c.state = 'PAID' and p.author is distinct from c.author and p.author is not null and c.paid_at < $1
        and not exists (select from item_timers t where t.item_id = c.id and t.state = 'DONE' and t.kind = 'DELETE')`,
    found: `select count(*) from notices n join items c on c.id = n.item_id
      where n.kind = 'REPLY' and c.paid_at < $1
        and not exists (select from item_timers t where t.item_id = c.id and t.state = 'DONE' and t.kind = 'DELETE')`,
  },
  'mentions that were told of': {
    // What has deleted itself has lost its title; it was told of before.
    expected: `select count(*) from items c join actions s on s.id = c.action_id
      join accounts a on s.args ->> 'title' like '%@' || a.name
      where c.state = 'PAID' and a.id is distinct from c.author and c.paid_at < $1`,
    found: `select count(*) from notices n join items c on c.id = n.item_id where n.kind = 'MENTION' and c.paid_at < $1`,
  },
  'zaps that receivers were told of': {
    expected: `select count(*) from legs l join attempts a on a.action_id = l.action_id and a.attempt = l.attempt
      join ledger_accounts o on o.id = l.ledger_account_id
      where l.side = 'out' and l.kind = 'ZAP' and a.state = 'PAID' and o.owner is not null`,
    found: `select coalesce(sum(times), 0) from notices where kind in ('ZAP', 'FORWARDED_ZAP')`,
  },
  'msat that receivers were told of': {
    expected: `select coalesce(sum(l.actual_msat), 0) from legs l
      join attempts a on a.action_id = l.action_id and a.attempt = l.attempt
      join ledger_accounts o on o.id = l.ledger_account_id
      where l.side = 'out' and l.kind = 'ZAP' and a.state = 'PAID' and o.owner is not null`,
    found: `select coalesce(sum(amount_msat), 0) from notices where kind in ('ZAP', 'FORWARDED_ZAP')`,
  },
  'texts with a request, and timers': {
    expected: `select count(*) from actions s join items i on i.action_id = s.id
      where i.state = 'PAID' and s.args ->> 'text' ~ '@(delete|remindme) in'`,
    found: `select count(*) from item_timers`,
  },
  'timers that are over, and what they did': {
    expected: `select count(*) from item_timers where state = 'DONE'`,
    found: `select (select count(*) from notices where kind = 'REMINDER')
      + (select count(*) from items where deleted_at is not null)`,
  },
  'timers, and that they were understood': {
    expected: `select count(*) from item_timers`,
    found: `select count(*) from notices where kind in ('DELETION_SET', 'REMINDER_SET')`,
  },
};

export interface Counted {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** Items that are paid after `until` are left out where what follows from them may be late. */
export async function countAll(pool: Pool, until: Date): Promise<Counted[]> {
  const counted: Counted[] = [];
  for (const [what, { expected, found }] of Object.entries(COUNTS)) {
    counted.push({
      what,
      expected: await one(pool, expected, until),
      found: await one(pool, found, until),
    });
  }
  return counted;
}

async function one(pool: Pool, sql: string, until: Date): Promise<string> {
  const { rows } = await pool.query<{ n: unknown }>(
    `select (${sql})::text as n where $1::timestamptz is not null`,
    [until],
  );
  return String(rows[0]?.n);
}
