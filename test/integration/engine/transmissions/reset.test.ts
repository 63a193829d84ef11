import { describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { advanceOrder } from '../../../../engine/transmissions/advance-order.js';
import { resetOrders } from '../../../../engine/transmissions/reset-orders.js';
import {
  cancel,
  confirm,
  orderOf,
  pay,
  place,
  placeAndPay,
  rowsOf,
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

describe('a reset of all orders', () => {
  const fixture = useOrders();

  const fill = async (): Promise<string> => {
    await placeAndPay(fixture);
    await confirm(fixture, 'tx', 1);
    const cancelled = await place(fixture);
    await pay(fixture, cancelled);
    await cancel(fixture, cancelled.order.id);
    await placeAndPay(fixture);
    return (await place(fixture)).order.id;
  };

  const expectEmptied = async (left: string): Promise<void> => {
    for (const table of [
      'orders',
      'order_messages',
      'confirmations',
      'claims',
      'legs',
      'invoices',
    ]) {
      expect(await rowsOf(fixture, `select from ${table}`), table).toEqual([]);
    }
    expect(await advanceOrder(fixture.engine, { orderId: left })).toMatchObject({
      state: 'unknown',
      finished: true,
    });
    const balances = await rowsOf(
      fixture,
      `select a.system from postings p join ledger_accounts a on a.id = p.ledger_account_id
       group by a.system having sum(amount_msat) <> 0`,
    );
    expect(balances).toEqual([]);
    await fixture.pool.query('delete from outbox');
    const next = await placeAndPay(fixture);
    expect(await orderOf(fixture, next)).toMatchObject({ tx_seq_num: 1, state: 'transmitting' });
    await expectInvariants(fixture);
  };

  it('empties them, restarts numbers, raises the epoch, wakes what waits, within a second', async () => {
    const left = await fill();
    const before = await readEpoch(fixture.pool);
    const from = performance.now();
    expect(await resetOrders(fixture.pool)).toEqual({ orders: 4 });
    expect(performance.now() - from).toBeLessThan(1000);
    expect(await readEpoch(fixture.pool)).toBeGreaterThan(before);
    const wakes = await rowsOf<{ subject: string }>(
      fixture,
      `select subject from outbox where kind = 'wake' and payload ->> 'reason' = 'reset'`,
    );
    expect(wakes.map(({ subject }) => subject)).toContain(`order/${left}`);
    await expectEmptied(left);
  });

  it('leaves actions alone', async () => {
    const left = await fill();
    await fixture.pool.query(
      `insert into actions (id, type, args, cost_msat, capability_hash, request_hash)
       values (gen_random_uuid(), 'ITEM_CREATE', '{}', 1, sha256('a'), sha256('b'))`,
    );
    await resetOrders(fixture.pool);
    expect(await rowsOf(fixture, 'select from actions')).toHaveLength(1);
    await expectEmptied(left);
    await fixture.pool.query('delete from actions');
  });
});
