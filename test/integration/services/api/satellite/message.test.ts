import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirm, orderOf } from '../../../engine/transmissions/fixture.helper.js';
import { coded, refusedUnchanged, type Satellite, satelliteApi } from './harness.helper.js';

describe('GET /message/SEQ', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());

  it('gives the bytes to anybody once the transmission has started', async () => {
    const opened = await api.open({ bid: '1000', message: 'höllo' });
    const { uuid } = opened;
    await api.settle(opened);
    const { tx_seq_num: seq } = await orderOf(api.fixture, uuid);
    for (const state of ['transmitting', 'sent', 'received']) {
      if (state === 'sent') await confirm(api.fixture, 'tx', seq ?? 0);
      if (state === 'received') await confirm(api.fixture, 'rx', seq ?? 0);
      const answer = await api.app.inject(`/message/${seq ?? 0}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload.toString('utf8')).toBe('höllo');
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'content-disposition': `attachment; filename=${uuid}`,
        'cache-control': 'no-cache',
      });
      expect(answer.headers.etag).toBeUndefined();
      expect((await orderOf(api.fixture, uuid)).state).toBe(state);
    }
    const head = await api.app.inject({ method: 'HEAD', url: `/message/${seq ?? 0}` });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });

  it.each(['0', '999999', '99999999999', '2147483648', 'abc', '-1'])(
    'does not find message %s',
    (seq) =>
      refusedUnchanged(
        api,
        () => api.app.inject(`/message/${seq}`),
        404,
        coded(114, 'Sequence number not found', `Sent order with sequence number ${seq} not found`),
      ),
  );
});

describe('other methods', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  it.each([
    ['GET', '/order', 'POST'],
    ['PUT', '/order', 'POST'],
    ['POST', '/order/x', 'GET'],
    ['POST', '/message/1', 'GET'],
  ] as const)('answers %s %s with 405 and what is allowed', async (method, url, allowed) => {
    const answer = await api.app.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.json()).toEqual({
      message: 'The method is not allowed for the requested URL.',
    });
    expect(answer.headers.allow).toContain(allowed);
  });

  it('answers OPTIONS empty', async () => {
    const answer = await api.app.inject({ method: 'OPTIONS', url: '/order' });
    expect([answer.statusCode, answer.body, answer.headers.allow]).toEqual([
      200,
      '',
      'POST, OPTIONS',
    ]);
  });
});
