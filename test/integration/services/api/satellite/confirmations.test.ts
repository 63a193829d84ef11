import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetOrders, orderOf, rowsOf } from '../../../engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import { coded, type Satellite, satelliteApi } from './harness.helper.js';

describe('POST /order/tx/SEQ and /order/rx/SEQ', () => {
  let api: Satellite;
  beforeAll(async () => {
    api = await satelliteApi();
  });
  afterAll(() => api.close());
  beforeEach(() => forgetOrders(api.fixture));

  const sendOne = async (regions = '[0,1,2,3,4,5]') => {
    const opened = await api.open({ bid: '1000', message: 'x', regions });
    await api.settle(opened);
    return opened.uuid;
  };
  const state = async (uuid: string) => (await orderOf(api.fixture, uuid)).state;

  it('answers with the text of the regions as it came, and the next GET shows it', async () => {
    const uuid = await sendOne();
    const answer = await api.post({ regions: '[1,  0]' }, '/order/tx/1');
    expect([answer.statusCode, answer.body]).toEqual([
      200,
      '{"message": "transmission confirmed for regions [1,  0]"}\n',
    ]);
    expect(await state(uuid)).toBe('confirming');
    const again = await api.post({ regions: '[0, 1, 2, 3, 4, 5]' }, '/order/tx/1');
    expect(again.statusCode).toBe(200);
    expect(await state(uuid)).toBe('sent');
    for (const region of ['0', '1', '4', '5']) {
      const received = await api.post({ region }, '/order/rx/1');
      expect(received.body).toBe(`{"message": "reception confirmed for region ${region}"}\n`);
    }
    expect(await state(uuid)).toBe('received');
    const presumed = await rowsOf(
      api.fixture,
      `select region from confirmations where kind = 'rx' and presumed order by region`,
    );
    expect(presumed).toEqual([{ region: 2 }, { region: 3 }]);
    await expectInvariants(api.fixture);
  });

  it('a region that is not monitored is received with its first confirmation', async () => {
    const uuid = await sendOne('[2, 3]');
    await api.post({ regions: '[2]' }, '/order/tx/1');
    expect(await state(uuid)).toBe('received');
  });

  it('takes duplicates, once, and keeps each region once (fault 7)', async () => {
    await sendOne();
    const post = () => api.post({ regions: '[0,1,2,3,4,5]' }, '/order/tx/1');
    const answers = await Promise.all(Array.from({ length: 8 }, post));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(8).fill(200));
    expect(await rowsOf(api.fixture, 'select from confirmations')).toHaveLength(6);
    await expectInvariants(api.fixture);
  });

  const missing = { regions: ['Missing data for required field.'] };
  it.each([
    ['tx', {}, missing],
    ['tx', { regions: '[]' }, { regions: ['Invalid json array.'] }],
    [
      'tx',
      { regions: '[6]' },
      {
        regions: ['Region number not found. The number should be one of [0, 1, 2, 3, 4, 5].'],
      },
    ],
    ['tx', { regions: '[0]', x: '' }, { x: ['Unknown field.'] }],
    ['rx', {}, { region: ['Missing data for required field.'] }],
    ['rx', { region: 'x' }, { region: ['Not a valid integer.'] }],
    [
      'rx',
      { region: '6' },
      { region: ['Region number not found. The number should be one of [0, 1, 2, 3, 4, 5].'] },
    ],
  ])('%s refuses %j', async (kind, fields, body) => {
    const answer = await api.post(fields, `/order/${kind}/1`);
    expect([answer.statusCode, answer.json()]).toEqual([400, body]);
  });

  it.each(['1', 'abc', '99999999999'])('knows no number %s', async (seq) => {
    const detail = `Sent order with sequence number ${seq} not found`;
    for (const [kind, fields] of [
      ['tx', { regions: '[0]' }],
      ['rx', { region: '0' }],
    ] as const) {
      const answer = await api.post(fields, `/order/${kind}/${seq}`);
      expect([answer.statusCode, answer.json()]).toEqual([
        404,
        coded(114, 'Sequence number not found', detail),
      ]);
    }
  });
});
