import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  confirm,
  forgetOrders,
  orderOf,
  rowsOf,
} from '../../../engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import {
  coded,
  type Opened,
  refusedUnchanged,
  type Satellite,
  satelliteApi,
} from './harness.helper.js';

describe('POST /order/UUID/bump', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  beforeEach(() => forgetOrders(api.fixture));

  const bump = ({ uuid, auth_token }: Opened, bid_increase: string) =>
    api.post({ bid_increase, auth_token }, `/order/${uuid}/bump`);
  const bumped = async (opened: Opened, increase: string): Promise<Opened> => {
    const answer = await bump(opened, increase);
    expect(answer.statusCode, answer.body).toBe(200);
    return { ...opened, ...answer.json<object>() };
  };

  it('raises a pending order, which becomes paid by what is paid in sum', async () => {
    const opened = await api.open({ bid: '1000', message: 'x' });
    const second = await bumped(opened, '500');
    expect(second.lightning_invoice['msatoshi']).toBe('500');
    const order = () => orderOf(api.fixture, opened.uuid);
    expect(await order()).toMatchObject({ bid_msat: 0n, unpaid_bid_msat: 1500n });
    await api.settle(second);
    expect(await order()).toMatchObject({
      state: 'pending',
      bid_msat: 500n,
      unpaid_bid_msat: 1000n,
    });
    await api.settle(opened);
    expect(await order()).toMatchObject({ state: 'transmitting', bid_msat: 1500n });
    await expectInvariants(api.fixture);
  });

  it('raises the place of a paid order', async () => {
    await api.settle(await api.open());
    const [low, high] = [await api.open(), await api.open({ bid: '2000', message: 'hello' })];
    await api.settle(low);
    await api.settle(high);
    await api.settle(await bumped(low, '5000'));
    await confirm(api.fixture, 'tx', 1);
    expect((await orderOf(api.fixture, low.uuid)).state).toBe('transmitting');
    await expectInvariants(api.fixture);
  });

  it('a bump that is paid too late is owed', async () => {
    const opened = await api.open();
    const late = await bumped(opened, '700');
    await api.settle(opened);
    await confirm(api.fixture, 'tx', 1);
    await api.settle(late);
    expect(await rowsOf(api.fixture, 'select amount_msat from claims')).toEqual([
      { amount_msat: 700n },
    ]);
    await expectInvariants(api.fixture);
  });

  it('is refused once it is transmitted, and leaves everything as it was', async () => {
    const opened = await api.open();
    await api.settle(opened);
    await refusedUnchanged(
      api,
      () => bump(opened, '100'),
      400,
      coded(121, 'Cannot bump order', 'Order already transmitting'),
    );
  });

  it('one whose invoice the node refuses leaves the order as it was', async () => {
    const opened = await api.open();
    for (const fault of ['refused', 'unavailable', 'answer_lost'] as const) {
      api.fixture.node.failNext('createInvoice', fault);
      const answer = await bump(opened, '100');
      expect(answer.json()).toEqual(
        coded(110, 'Invoice Creation Error', 'Lightning Charge invoice creation error'),
      );
      expect(await orderOf(api.fixture, opened.uuid)).toMatchObject({
        state: 'pending',
        unpaid_bid_msat: 1000n,
      });
    }
    await api.settle(opened);
    await expectInvariants(api.fixture);
  });

  it.each([
    [{ bid_increase: '-1' }, { bid_increase: ['Must be greater than or equal to 0.'] }],
    [{ bid_increase: '1.5' }, { bid_increase: ['Not a valid integer.'] }],
    [{}, { bid_increase: ['Missing data for required field.'] }],
    [{ bid_increase: '1', x: '' }, { x: ['Unknown field.'] }],
  ])('refuses %j before it looks for the order', async (fields, body) => {
    const answer = await api.post(fields, '/order/nothing/bump');
    expect([answer.statusCode, answer.json()]).toEqual([400, body]);
  });

  it('needs the order and its token', async () => {
    const { uuid } = await api.open();
    const unknown = await api.post({ bid_increase: '1' }, '/order/nothing/bump');
    expect(unknown.json()).toEqual(coded(104, 'Order not found', 'UUID nothing not found'));
    const foreign = await api.post({ bid_increase: '1', auth_token: 'x' }, `/order/${uuid}/bump`);
    expect(foreign.json()).toEqual(coded(109, 'Unauthorized', 'Invalid authentication token'));
  });

  it('a sum beyond what JSON numbers hold is refused with 110', async () => {
    const opened = await api.open();
    const answer = await bump(opened, String(Number.MAX_SAFE_INTEGER));
    expect(answer.json()).toEqual(
      coded(110, 'Invoice Creation Error', 'Lightning Charge invoice creation error'),
    );
  });
});
