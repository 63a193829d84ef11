import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { orderOf } from '../../../engine/transmissions/fixture.helper.js';
import { coded, OPEN, refusedUnchanged, type Satellite, satelliteApi } from './harness.helper.js';

describe('GET and DELETE /order/UUID', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());

  const unauthorized = coded(109, 'Unauthorized', 'Invalid authentication token');

  it('answers the 13 fields with the token in any of its places', async () => {
    const { uuid, auth_token } = await api.open();
    const ways = [
      { url: `/order/${uuid}`, headers: { 'x-auth-token': auth_token } },
      { url: `/order/${uuid}?auth_token=${auth_token}` },
      {
        url: `/order/${uuid}?auth_token=wrong`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `auth_token=${auth_token}`,
      },
    ];
    for (const way of ways) {
      const answer = await api.app.inject({ method: 'GET', ...way });
      expect(answer.json()).toEqual({
        uuid,
        bid: 0,
        unpaid_bid: 1000,
        bid_per_byte: 0,
        message_size: 5,
        message_digest: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
        status: 'pending',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/) as string,
        cancelled_at: null,
        started_transmission_at: null,
        ended_transmission_at: null,
        tx_seq_num: null,
        regions: [0, 1, 2, 3, 4, 5],
      });
      expect(answer.body).toContain('"bid": 0, "unpaid_bid": 1000, "bid_per_byte": 0.0');
    }
  });

  it('accepts the token of an order that was placed under a former secret', async () => {
    const { orderSecrets } = OPEN;
    const { uuid, auth_token } = await api.open();
    const read = async (): Promise<number> => {
      const url = `/order/${uuid}?auth_token=${auth_token}`;
      return (await api.app.inject({ method: 'GET', url })).statusCode;
    };
    try {
      Object.assign(OPEN, { orderSecrets: ['another secret'] });
      expect(await read()).toBe(401);
      Object.assign(OPEN, { orderSecrets: ['another secret', ...orderSecrets] });
      expect(await read()).toBe(200);
    } finally {
      Object.assign(OPEN, { orderSecrets });
    }
  });

  it('uses the first token sent, even if a later one is right', async () => {
    const { uuid, auth_token } = await api.open();
    await refusedUnchanged(
      api,
      () =>
        api.app.inject({
          method: 'GET',
          url: `/order/${uuid}?auth_token=wrong`,
          headers: { 'x-auth-token': auth_token },
        }),
      401,
      unauthorized,
    );
  });

  it.each(['GET', 'DELETE'] as const)(
    '%s refuses unknown orders and wrong tokens',
    async (method) => {
      const { uuid } = await api.open();
      for (const id of [randomUUID(), 'nonsense', uuid.toUpperCase()]) {
        await refusedUnchanged(
          api,
          () => api.app.inject({ method, url: `/order/${id}` }),
          404,
          coded(104, 'Order not found', `UUID ${id} not found`),
        );
      }
      for (const headers of [{}, { 'x-auth-token': '' }, { 'x-auth-token': 'f'.repeat(64) }]) {
        await refusedUnchanged(
          api,
          () => api.app.inject({ method, url: `/order/${uuid}`, headers }),
          401,
          unauthorized,
        );
      }
    },
  );

  it('cancels once', async () => {
    const { uuid, auth_token } = await api.open();
    const remove = () =>
      api.app.inject({
        method: 'DELETE',
        url: `/order/${uuid}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `auth_token=${auth_token}`,
      });
    const answer = await remove();
    expect([answer.statusCode, answer.json()]).toEqual([200, { message: 'order cancelled' }]);
    expect(await orderOf(api.fixture, uuid)).toMatchObject({ state: 'cancelled' });
    await refusedUnchanged(
      api,
      remove,
      400,
      coded(120, 'Cannot cancel order', 'Order already cancelled'),
    );
  });

  it('does not cancel an order that is being transmitted', async () => {
    const opened = await api.open();
    const { uuid, auth_token } = opened;
    await api.settle(opened);
    await refusedUnchanged(
      api,
      () => api.app.inject({ method: 'DELETE', url: `/order/${uuid}?auth_token=${auth_token}` }),
      400,
      coded(120, 'Cannot cancel order', 'Order already transmitting'),
    );
  });
});
