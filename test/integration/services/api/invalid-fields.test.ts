import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefusalCode } from '../../../../domain/refusal.js';
import { type Asked, ApiTester, type Headers, NEW_POST, POST_ARGS } from './tester.helper.js';

let tester: ApiTester;
let user: Headers;

beforeAll(async () => {
  tester = await ApiTester.start();
  user = await tester.account(0n, 'user');
});
afterAll(() => tester.close());

const NOWHERE = randomUUID();

describe('invalid fields', () => {
  const bad = async (asked: Asked, code: RefusalCode, ...paths: readonly string[]) => {
    const { errors, detail } = await tester.refuses(asked, code);
    expect(errors.map(({ path }) => path).sort(), detail).toEqual([...paths].sort());
  };
  const post = (url: string, body: unknown, headers: Headers): Asked => ({
    method: 'POST',
    url,
    body,
    headers,
  });

  it('of accounts are named', async () => {
    for (const name of ['', 'A', '-a', 'a b', 'x'.repeat(33), 1, null, undefined, 'ä']) {
      await bad(post('/v1/accounts', { name }, tester.operator), 'request.invalid', 'name');
    }
    const both = { name: '', role: 'king' };
    await bad(post('/v1/accounts', both, tester.operator), 'request.invalid', 'name', 'role');
    for (const name of ['A', 'x'.repeat(33), '%00', '%20']) {
      const url = `/v1/accounts/${name}/credits`;
      const body = { amountMsat: '1', reason: 'r' };
      await bad(post(url, body, tester.operator), 'request.invalid', 'name');
    }
    const label = { label: 'x'.repeat(65) };
    await bad(post('/v1/accounts/user/tokens', label, tester.operator), 'request.invalid', 'label');
  });

  it('of grants are named', async () => {
    const url = '/v1/accounts/user/credits';
    const amounts = [
      '0',
      '-1',
      '',
      '1.5',
      '01',
      ' 1',
      '1e3',
      '0x1',
      '9'.repeat(19),
      '9'.repeat(40),
      1,
      null,
      undefined,
      '١',
    ];
    for (const amountMsat of amounts) {
      const body = { amountMsat, reason: 'r' };
      await bad(post(url, body, tester.operator), 'request.invalid', 'amountMsat');
    }
    for (const reason of ['', ' ', 'x'.repeat(201), 1, undefined]) {
      const body = { amountMsat: '1', reason };
      await bad(post(url, body, tester.operator), 'request.invalid', 'reason');
    }
    const nobody = '/v1/accounts/nobody';
    const grant = { amountMsat: '1', reason: 'r' };
    await tester.refuses(post(`${nobody}/credits`, grant, tester.operator), 'account.not_found');
    await tester.refuses(post(`${nobody}/tokens`, {}, tester.operator), 'account.not_found');
    await tester.refuses(post(`${nobody}/tokens/revoke`, {}, tester.operator), 'account.not_found');
  });

  it('of actions are named', async () => {
    const open = (fields: object): Asked => post('/v1/actions', { ...NEW_POST, ...fields }, user);
    for (const type of ['', 1, null, 'x'.repeat(65)])
      await bad(open({ type }), 'request.invalid', 'type');
    for (const args of [null, 1, [], 'x']) await bad(open({ args }), 'request.invalid', 'args');
    for (const payment of ['cash', '', null])
      await bad(open({ payment }), 'request.invalid', 'payment');
    for (const invoiceExpirySeconds of [0, 601, 1.5, '60', null, -1]) {
      await bad(open({ invoiceExpirySeconds }), 'request.invalid', 'invoiceExpirySeconds');
    }
    for (const type of ['NOTHING', 'item_create', 'constructor'])
      await bad(open({ type }), 'action.unknown_type');
    const wrong = (args: object, ...paths: readonly string[]) =>
      bad(open({ args }), 'action.invalid_args', ...paths);
    await wrong({}, 'args.title');
    await wrong({ title: 'tiny' }, 'args.title');
    await wrong(
      { title: 'x'.repeat(81), url: 'ftp://x', text: 1 },
      'args.title',
      'args.url',
      'args.text',
    );
    await wrong({ ...POST_ARGS, url: 'javascript:alert(1)' }, 'args.url');
    const zap = (args: object, ...paths: readonly string[]) =>
      bad(open({ type: 'ZAP', args }), 'action.invalid_args', ...paths);
    await zap({}, 'args.itemId', 'args.sats');
    for (const sats of [0, -1, 1.5, 1_000_001, '1']) await zap({ itemId: '1', sats }, 'args.sats');
    for (const itemId of ['0', '-1', '9'.repeat(19), 1, 'x'])
      await zap({ itemId, sats: 1 }, 'args.itemId');
  });

  it('of retries and addresses are named', async () => {
    const { id } = await tester.failed(user);
    for (const attempt of [0, -1, 1.5, '1', null, undefined, 2_147_483_647]) {
      await bad(post(`/v1/actions/${id}/retry`, { attempt }, user), 'request.invalid', 'attempt');
    }
    for (const wrong of ['1', 'x', `${NOWHERE}0`, NOWHERE.slice(1), '%00', '%2F']) {
      await bad(
        { method: 'GET', url: `/v1/actions/${wrong}`, headers: user },
        'request.invalid',
        'id',
      );
      await bad(post(`/v1/actions/${wrong}/cancel`, {}, user), 'request.invalid', 'id');
      await bad(post(`/v1/actions/${wrong}/retry`, { attempt: 1 }, user), 'request.invalid', 'id');
    }
    for (const wrong of ['0', '-1', 'x', '1.5', '9'.repeat(19), '%00']) {
      await bad({ method: 'GET', url: `/v1/items/${wrong}` }, 'request.invalid', 'id');
    }
    const transitions = '/v1/operator/transitions';
    const { operator: headers } = tester;
    await bad(
      { method: 'GET', url: `${transitions}/king/${NOWHERE}`, headers },
      'request.invalid',
      'machine',
    );
    await bad(
      { method: 'GET', url: `${transitions}/order/x`, headers },
      'request.invalid',
      'subject',
    );
  });
});
