import type { ClientBase } from 'pg';
import { parseOrder } from '../../../domain/intake/order-snapshot.js';
import type { SlipRules } from '../../../domain/intake/slips/rules.js';
import { healIncident, raiseIncident } from '../incidents/raise.js';
import { wakeNotices } from '../incidents/wake-notices.js';
import { addTrail } from '../orders/trail.js';
import { saveParticipants } from '../slips/save-participants.js';
import { addSlips } from '../slips/slip-rows.js';
import { type Check, inCheck } from './check.js';

const ORDERS_AT_ONCE = 100;
const ORDERS_TOLD = 1000;

/**
 * Our own side of an order: in a status that the store named, its participants are saved and their slips sent. What is missing after the
 * grace is made up for, and told. Orders that were adopted or imported are owed nothing. Gives whether there are more.
 */
export async function checkSlips(check: Check): Promise<boolean> {
  const { slips: rules } = check.store.settings;
  return inCheck(check, async (tx) => {
    const repaired = rules === null ? [] : await saveMissing(tx, check, rules);
    const owed = rules === null ? [] : await readOwed(tx, check, rules);
    const of = (mail: (one: Owed) => boolean) =>
      [...new Set(owed.filter(mail).map(({ orderId }) => orderId))].slice(0, ORDERS_TOLD);
    await tell(tx, check, 'slips', [...new Set([...repaired, ...of(({ held }) => !held)])]);
    await tell(
      tx,
      check,
      'held',
      of(({ held }) => held),
    );
    return repaired.length === ORDERS_AT_ONCE;
  });
}

interface Unregistered {
  readonly orderId: bigint;
  readonly snapshot: string;
  readonly heard: boolean;
}

/** Orders of which participants were never read; since that was asked for, and after the grace. */
async function saveMissing(tx: ClientBase, { store }: Check, rules: SlipRules): Promise<bigint[]> {
  const { rows } = await tx.query<Unregistered>(
    `select order_id as "orderId", snapshot::text, heard_modified_at is not null as heard
     from store_orders o join stores s on s.id = o.store
     where store = $1 and status = any ($2) and participants_at is null and erased_at is null
       and status_since >= s.slips_since and status_since < $3::timestamptz - $4 * interval '1 second'
       and first_seen not in ('adopted', 'import')
     order by status_since limit ${ORDERS_AT_ONCE} for update of o skip locked`,
    [store.id, rules.statuses, store.storeNow, rules.graceSeconds],
  );
  let waiting = 0;
  for (const { orderId, snapshot, heard } of rows) {
    const read = parseOrder(snapshot);
    if ('problem' in read) continue;
    const order = { store: store.id, orderId };
    await saveParticipants(tx, store.id, read, rules);
    waiting += await addSlips(tx, order, heard || rules.mailRecovered ? 'yes' : 'no');
    await addTrail(tx, order, { what: 'participants_missing', detail: { waiting } });
  }
  if (waiting > 0) await wakeNotices(tx, store.id, 'slips that were missing');
  return rows.map(({ orderId }) => orderId);
}

interface Owed {
  readonly orderId: bigint;
  readonly held: boolean;
}

/** Slips that should have been sent by now, and those that wait for somebody's word. */
async function readOwed(tx: ClientBase, { store }: Check, rules: SlipRules): Promise<Owed[]> {
  const { rows } = await tx.query<Owed>(
    `select distinct l.order_id as "orderId", l.mail = 'held' as held
     from slips l join store_orders o using (store, order_id)
     where l.store = $1 and l.validity = 'valid' and l.mail in ('waiting', 'given_up', 'held')
       and o.status = any ($2) and o.erased_at is null and (l.mail <> 'held' or o.first_seen not in ('adopted', 'import'))
       and l.asked_at < clock_timestamp() - $3 * interval '1 second'
     order by 1 limit $4`,
    [store.id, rules.statuses, rules.graceSeconds / store.clockRate, 2 * ORDERS_TOLD],
  );
  return rows;
}

const SAYS = {
  slips: { severity: 'alert', says: 'have slips that should have been mailed and were not' },
  held: {
    severity: 'info',
    says: 'were taken in without a delivery; their slips are mailed when somebody asks for it',
  },
} as const;

async function tell(
  tx: ClientBase,
  { store: { id: store } }: Check,
  cause: keyof typeof SAYS,
  orderIds: readonly bigint[],
): Promise<void> {
  const { severity, says } = SAYS[cause];
  if (orderIds.length > 0) {
    const summary = `${orderIds.length} orders ${says}.`;
    await raiseIncident(tx, {
      ...{ store, kind: 'slip_missing', cause, severity, summary, orderIds, verified: true },
    });
  }
  const { rows } = await tx.query<{ orderId: bigint }>(
    `select o.order_id as "orderId" from incidents i join incident_orders o on o.incident_id = i.id
     where i.store = $1 and i.kind = 'slip_missing' and i.cause = $2 and i.healed_at is null
       and o.healed_at is null and o.order_id <> all ($3)`,
    [store, cause, orderIds],
  );
  if (rows.length === 0) return;
  const well = rows.map(({ orderId }) => orderId);
  await healIncident(tx, { store, kind: 'slip_missing', cause, orderIds: well });
}
