import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderToken } from '../../../../../services/api/satellite/tokens.js';
import { forgetOrders, orderOf, rowsOf } from '../../../engine/transmissions/fixture.helper.js';
import {
  type Answer,
  coded,
  refusedUnchanged,
  type Satellite,
  satelliteApi,
} from './harness.helper.js';

describe('POST /order', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  beforeEach(() => forgetOrders(api.fixture));

  it('answers uuid, token and an invoice like Lightning Charge’s', async () => {
    const opened = await api.open({ bid: '1000', message: 'hello' });
    expect(opened.auth_token).toBe(orderToken('mySecretToken', opened.uuid));
    const invoice = [...api.fixture.node.invoices.values()].at(-1);
    expect(opened.lightning_invoice).toEqual({
      id: invoice?.hash,
      msatoshi: '1000',
      description: 'Satellite transmission',
      rhash: invoice?.hash,
      payreq: invoice?.bolt11,
      expires_at: Math.floor((invoice?.expiresAt.getTime() ?? 0) / 1000),
      created_at: Math.floor((invoice?.createdAt.getTime() ?? 0) / 1000),
      metadata: {
        uuid: opened.uuid,
        sha256_message_digest: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      },
      status: 'unpaid',
    });
    expect(await orderOf(api.fixture, opened.uuid)).toMatchObject({
      state: 'pending',
      channel: 1,
      regions: 63,
      message_size: 5,
      ota_bytes: 57,
      unpaid_bid_msat: 1000n,
    });
  });

  it('takes a file as the real client sends it, and the regions', async () => {
    const file = Buffer.from([0, 255, 10, 13, 10, 1]);
    const answer = await api.upload({ bid: '2000', regions: '[0, 2, 4]', channel: '1' }, file);
    expect(answer.statusCode).toBe(200);
    const { uuid } = answer.json<{ uuid: string }>();
    expect(await orderOf(api.fixture, uuid)).toMatchObject({ regions: 21, message_size: 6 });
    const [stored] = await rowsOf<{ body: Buffer }>(api.fixture, 'select body from order_messages');
    expect(stored?.body).toEqual(file);
  });

  it('takes a file of exactly the maximum', async () => {
    const answer = await api.upload({ bid: '1085860' }, Buffer.alloc(1_048_576, 1));
    expect(answer.statusCode).toBe(200);
  });

  it.each<[string, () => Promise<Answer>, number, unknown]>([
    ['an unknown field', () => api.post({ bid: '1', foo: '' }), 400, { foo: ['Unknown field.'] }],
    [
      'several faults at once',
      () => api.post({ bid: '-1', channel: '2', regions: '[]', message: 'x'.repeat(1025) }),
      400,
      {
        bid: ['Must be greater than or equal to 0.'],
        channel: ['Must be one of: 1, 3, 4, 5.'],
        regions: ['Invalid json array.'],
        message: ['Longer than maximum length 1024.'],
      },
    ],
    ['a bid of 1.5', () => api.post({ bid: '1.5' }), 400, { bid: ['Not a valid integer.'] }],
    ['an empty bid', () => api.post({ bid: '' }), 400, { bid: ['Not a valid integer.'] }],
    [
      'regions that are not JSON',
      () => api.post({ regions: '0,1' }),
      400,
      { regions: ['Invalid json array.'] },
    ],
    [
      'a region that does not exist',
      () => api.post({ regions: '[0, 6]' }),
      400,
      { regions: ['Region number not found. The number should be one of [0, 1, 2, 3, 4, 5].'] },
    ],
    [
      'a channel that is not the public’s',
      () => api.post({ channel: '3', bid: '5000', message: 'x' }),
      401,
      coded(130, 'Unauthorized channel operation', 'Operation not supported on channel 3'),
    ],
    [
      'message and file',
      () => api.upload({ bid: '5000', message: 'x' }, Buffer.from('y')),
      400,
      'Choose message or file',
    ],
    [
      'neither message nor file',
      () => api.post({ bid: '5000' }),
      400,
      coded(
        126,
        'Message upload problem',
        'Either a message file or a message parameter is required',
      ),
    ],
    [
      'a JSON body',
      () => api.app.inject({ method: 'POST', url: '/order', payload: { bid: 5000, message: 'x' } }),
      400,
      coded(
        126,
        'Message upload problem',
        'Either a message file or a message parameter is required',
      ),
    ],
    [
      'an empty message',
      () => api.post({ bid: '5000', message: '' }),
      400,
      coded(117, 'Message too small', 'Minimum message size is 1 byte'),
    ],
    [
      'a file that is one byte too large',
      () => api.upload({ bid: '9000000' }, Buffer.alloc(1_048_577)),
      413,
      coded(118, 'Message too large', 'Message size exceeds max size of 1.00 MB'),
    ],
    [
      'a bid below the minimum',
      () => api.post({ bid: '1075', message: 'x'.repeat(1024) }),
      400,
      coded(102, 'Bid too low', 'The minimum bid for this message is 1076 millisatoshis.'),
    ],
    [
      'no bid',
      () => api.post({ message: 'x' }),
      400,
      coded(102, 'Bid too low', 'The minimum bid for this message is 1000 millisatoshis.'),
    ],
    [
      'a bid that no node can invoice',
      () => api.post({ message: 'x', bid: '9007199254740993' }),
      400,
      coded(110, 'Invoice Creation Error', 'Lightning Charge invoice creation error'),
    ],
  ])('refuses %s and changes nothing', (_what, request, status, body) =>
    refusedUnchanged(api, request, status, body),
  );

  it.each(['refused', 'unavailable', 'answer_lost'] as const)(
    'answers 110 when the node’s answer is %s, and leaves an order that can never be paid',
    async (fault) => {
      api.fixture.node.failNext('createInvoice', fault);
      const answer = await api.post({ bid: '1000', message: 'hello' });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual(
        coded(110, 'Invoice Creation Error', 'Lightning Charge invoice creation error'),
      );
      const [order] = await rowsOf<{ id: string; state: string; due: boolean }>(
        api.fixture,
        'select id, state, due_at is not null as due from orders',
      );
      // Due: its workflow cancels any invoice that the node may have created.
      expect(order).toMatchObject({ state: 'expired', due: true });
      expect(await rowsOf(api.fixture, 'select 1 from order_messages')).toEqual([]);
    },
  );
});
