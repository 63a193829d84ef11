import { describe, expect, it, beforeAll, afterAll, beforeEach } from 'vitest';
import { advanceOrder, timeOut } from '../../../../../engine/transmissions/advance-order.js';
import {
  confirm,
  eventsOf,
  forgetOrders,
  inTx,
  orderOf,
  passDeadline,
  startNextOf,
} from '../../../engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import { type Opened, type Satellite, satelliteApi } from './harness.helper.js';

/** The stories of the peer's own tests of its transmitter, over HTTP. */
describe('the transmitter', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  beforeEach(() => forgetOrders(api.fixture));

  const open = (bid: number, regions = '[0,1,2,3,4,5]') =>
    api.open({ bid: String(bid), message: 'hello', regions });
  const state = async ({ uuid, auth_token }: Opened): Promise<string> => {
    const answer = await api.app.inject(`/order/${uuid}?auth_token=${auth_token}`);
    return answer.json<{ status: string }>().status;
  };
  const number = async ({ uuid }: Opened) => (await orderOf(api.fixture, uuid)).tx_seq_num;
  const confirmTx = async (seq: number, regions: readonly number[]) => {
    const answer = await api.post({ regions: JSON.stringify(regions) }, `/order/tx/${seq}`);
    expect(answer.statusCode).toBe(200);
  };
  const miss = async ({ uuid }: Opened): Promise<void> => {
    await passDeadline(api.fixture, uuid);
    await inTx(api.fixture, (tx) => timeOut(tx, uuid));
  };
  const retry = async ({ uuid }: Opened) => {
    const { retry_wanted, retry_count, retry_regions } = await orderOf(api.fixture, uuid);
    return { retry_wanted, retry_count, retry_regions };
  };
  const ALL = [0, 1, 2, 3, 4, 5];

  it('starts with the payment, and what is not paid stays', async () => {
    const [first, second] = [await open(1000), await open(1000)];
    await api.settle(first);
    expect([await state(first), await number(first)]).toEqual(['transmitting', 1]);
    await startNextOf(api.fixture, 1);
    expect([await state(second), await number(second)]).toEqual(['pending', null]);
  });

  it('starts the next one when the first has ended, with the next number', async () => {
    const [first, second] = [await open(2000), await open(1000)];
    await api.settle(first);
    await api.settle(second);
    expect([await state(first), await state(second)]).toEqual(['transmitting', 'paid']);
    await confirmTx(1, ALL);
    expect([await state(first), await state(second), await number(second)]).toEqual([
      'sent',
      'transmitting',
      2,
    ]);
  });

  it('at the boot, a transmission that was left over must time out first; then the highest bid goes', async () => {
    const left = await open(1000);
    await api.settle(left);
    const [low, high] = [await open(1000), await open(2000)];
    await api.settle(low);
    await api.settle(high);
    await startNextOf(api.fixture, 1);
    expect([await state(low), await state(high)]).toEqual(['paid', 'paid']);
    await passDeadline(api.fixture, left.uuid);
    // Its workflow, started again by the sweep.
    await advanceOrder(api.fixture.engine, { orderId: left.uuid });
    expect([await state(left), await state(high), await state(low)]).toEqual([
      'confirming',
      'transmitting',
      'paid',
    ]);
    await confirmTx((await number(high)) ?? 0, ALL);
    expect([await state(high), await state(low)]).toEqual(['sent', 'transmitting']);
    expect([await number(high), await number(low)]).toEqual([2, 3]);
    await expectInvariants(api.fixture);
  });

  it('three orders: one partly confirmed, one never, one as it should be', async () => {
    const first = await open(1000);
    await api.settle(first);
    await confirmTx(1, [0]);
    expect(await state(first)).toBe('confirming');
    const second = await open(2000);
    await api.settle(second);
    expect(await state(second)).toBe('transmitting');
    const third = await open(2000, '[0, 1]');
    await api.settle(third);
    expect(await state(third)).toBe('paid');

    await miss(first);
    await miss(second);
    // New orders go before retransmissions.
    expect([await state(first), await state(second), await state(third)]).toEqual([
      ...['confirming', 'confirming', 'transmitting'],
    ]);
    expect(await retry(first)).toEqual({ retry_wanted: true, retry_count: 0, retry_regions: 62 });
    expect(await retry(second)).toEqual({ retry_wanted: true, retry_count: 0, retry_regions: 63 });

    await confirmTx(3, [0, 1]);
    // Sent to regions that all are monitored; then the higher bid is sent again.
    expect([await state(third), await state(second)]).toEqual(['sent', 'transmitting']);
    await confirmTx(2, ALL);
    expect([await state(second), await state(first)]).toEqual(['sent', 'transmitting']);
    expect(await retry(first)).toEqual({ retry_wanted: false, retry_count: 1, retry_regions: 62 });
    expect((await eventsOf(api.fixture)).at(-1)?.payload).toMatchObject({
      uuid: first.uuid,
      regions: [1, 2, 3, 4, 5],
    });

    await miss(first);
    expect(await retry(first)).toMatchObject({ retry_count: 2 });
    expect(await state(first)).toBe('transmitting');
    await confirmTx(1, [1, 2]);
    expect(await state(first)).toBe('confirming');
    await miss(first);
    expect(await retry(first)).toEqual({ retry_wanted: false, retry_count: 3, retry_regions: 56 });
    await confirm(api.fixture, 'tx', 1);
    expect(await state(first)).toBe('sent');
    await expectInvariants(api.fixture);
  });
});
