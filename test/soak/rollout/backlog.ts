import type { QuittanceClient } from '@quittance/sdk';
import { DEFAULT_PRIORITY } from '../../../engine/outbox.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';

const CALLERS = 16;
/** Workflows make a call themselves once it has waited for ten seconds. */
const OVERDUE_SECONDS = 11;

/**
 * Rows to these destinations wait for a day from now on, as if every relay were busy with others. Workflows are started however far the
 * workers are behind: else those of unpaid attempts would wait for them.
 */
export async function holdRows(
  { pool }: System,
  destinations: readonly ('node' | 'temporal')[],
): Promise<void> {
  await pool.query('drop trigger if exists held_by_test on outbox');
  if (destinations.length === 0) return;
  const held = destinations.map((name) => `'${name}'`).join(', ');
  await pool.query(
    `create or replace function held_by_test() returns trigger language plpgsql as $$
     begin
       if new.destination in (${held}) then new.available_at := clock_timestamp() + interval '1 day'; end if;
       if new.destination = 'temporal' then new.priority := least(new.priority, ${DEFAULT_PRIORITY}); end if;
       return new;
     end $$`,
  );
  await pool.query(
    'create trigger held_by_test before insert on outbox for each row execute function held_by_test()',
  );
}

/** Lets up to that many held rows go, the oldest first of those written since then. Gives how many. */
export async function letGo(
  { pool }: System,
  destination: 'node' | 'temporal',
  count: number,
  since = new Date(0),
): Promise<number> {
  const { rowCount } = await pool.query(
    `update outbox set available_at = clock_timestamp()
     where id in (select id from outbox where destination = $1 and published_at is null
       and available_at > clock_timestamp() + interval '1 hour' and created_at >= $3 order by id limit $2)`,
    [destination, count, since],
  );
  return rowCount ?? 0;
}

/** Opens attempts whose invoices nobody could create: the node was away when they were opened. */
export async function openMany(system: System, name: string, count: number): Promise<void> {
  await system.node.setFaults({
    rules: [{ operation: 'create_invoice', effect: 'unavailable' }],
  });
  const author = await system.account(`backlog-${name}`);
  const ids: string[] = [];
  OPENED.push({ author, ids });
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const args = { title: `Backlog ${name} ${next}` };
      const opened = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
      ids.push(opened.action.id);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

const OPENED: { readonly author: QuittanceClient; readonly ids: string[] }[] = [];

/** Everything that {@link openMany} has opened: nobody is going to pay it. */
export async function cancelAll(): Promise<void> {
  const caller = async ({ author, ids }: (typeof OPENED)[number]): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await author.cancelAction(id);
  };
  await Promise.all(OPENED.flatMap((one) => [caller(one), caller(one), caller(one)]));
}

/** From now on each creation of an invoice takes that long. */
export async function slowNode({ node }: System, ms: number): Promise<void> {
  await node.setFaults({ rules: [{ operation: 'create_invoice', effect: 'slow', ms }] });
}

/** Until the calls of all attempts have waited so long that their workflows make them. */
export async function untilOverdue({ pool }: System): Promise<void> {
  await waitUntil(
    'all calls are overdue',
    async () => {
      const { rows } = await pool.query<{ young: number }>(
        `select count(*)::int as young from attempts
         where state = 'INVOICING' and opened_at > clock_timestamp() - $1 * interval '1 second'`,
        [OVERDUE_SECONDS],
      );
      return rows[0]?.young === 0;
    },
    60_000,
  );
}

export async function waiting({ pool }: System): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from attempts where state = 'INVOICING'`,
  );
  return rows[0]?.count ?? 0;
}

/** Invoices that were created per second since then, until a tenth of what waited then is left. */
export async function createdPerSecond(system: System): Promise<number> {
  const { pool } = system;
  const begun = await waiting(system);
  const from = await databaseClock(system);
  await waitUntil(
    'nine of ten invoices are created',
    async () => (await waiting(system)) <= begun / 10,
    300_000,
  );
  const { rows } = await pool.query<{ rate: number }>(
    `select count(*) / extract(epoch from max(at) - $1::timestamptz)::float8 as rate
     from transitions where machine = 'attempt' and to_state = 'PENDING' and at > $1::timestamptz`,
    [from],
  );
  await waitUntil('the others, too', async () => (await waiting(system)) === 0, 120_000);
  return rows[0]?.rate ?? NaN;
}

export async function databaseClock({ pool }: System): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}
