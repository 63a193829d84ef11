import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMS } from '../../../../../services/api/pages/forms/catalog.js';
import { ACTION_ARGS } from '../../../../../engine/actions/types/index.js';
import type { ApiTester, Headers } from '../tester.helper.js';
import { signedIn, startPages, Visitor } from './pages.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await startPages();
});
afterAll(() => tester.close());

const account = (): Promise<Headers> => tester.account(1_000_000n);

const KEY = '11111111-1111-4111-8111-111111111111';

describe('forms', () => {
  it('exist for every type of action', () => {
    const types = new Set(Object.values(FORMS).map(({ type }) => type));
    expect([...ACTION_ARGS.keys()].filter((type) => !types.has(type))).toEqual([]);
  });

  it.each(Object.keys(FORMS))('show %s', async (name) => {
    const { status, text } = await new Visitor(tester).get(`/submit/${name}`);
    expect(status).toBe(200);
    expect(text).toContain('See the cost');
  });

  it.each(['nothing-like-this', 'constructor', '__proto__', 'toString'])(
    'do not exist for %s',
    async (name) => {
      const visitor = new Visitor(tester);
      expect((await visitor.get(`/submit/${name}`)).status).toBe(404);
      expect((await visitor.post(`/submit/${name}`, { step: 'open' })).status).toBe(404);
    },
  );

  it('tell the cost first, and open nothing', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(1_000_000n));
    const before = await tester.count('actions');
    const { text } = await visitor.post('/submit/discussion', {
      title: 'a post with a price',
      step: 'quote',
    });
    expect(text).toContain('This costs 1 sat.');
    expect(text).toContain('Pay 1 sat');
    expect(text).toContain('value="a post with a price"');
    expect(await tester.count('actions')).toBe(before);
  });

  it('count sats with the credits that cover the cost', async () => {
    const visitor = await signedIn(tester, await tester.account(1_000n, 'has-both'));
    const grant = { asset: 'SATS', amountMsat: '7000', reason: 'a test' };
    await tester.post('/v1/accounts/has-both/credits', grant, tester.operator);
    const { text } = await visitor.post('/submit/donate', { sats: '8', step: 'quote' });
    expect(text).toContain('Your balance of 8 sats covers it.');
  });

  it('are carried out once, however often they are sent', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(1_000_000n));
    const before = await tester.count('actions');
    const fields = { title: 'sent twice by a double click', step: 'open', key: KEY };
    const answers = await Promise.all(
      [1, 2, 3].map(() => visitor.post('/submit/discussion', fields)),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
    expect(await tester.count('actions')).toBe(before + 1);
  });

  it('are not carried out at a higher price than was shown', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(1_000_000n));
    const fields = { title: 'another price', boostSats: '5', step: 'open', maxCostMsat: '1000' };
    expect((await visitor.post('/submit/discussion', fields)).status).toBe(403);
  });

  it('say what is wrong beside the field, and keep what was typed', async () => {
    const visitor = new Visitor(tester);
    await visitor.signIn(await tester.account(1_000_000n));
    const { status, text } = await visitor.post('/submit/link', {
      title: 'x',
      url: 'not an address',
    });
    expect(status).toBe(400);
    expect(text).toContain('value="not an address"');
    expect(text).toContain('id="url-error"');
  });

  it('of somebody without an account: post, cancel, try again, all by forms alone', async () => {
    const visitor = new Visitor(tester);
    await visitor.get('/');
    const opened = await visitor.post('/submit/discussion', {
      title: 'by nobody at all',
      step: 'open',
      key: KEY,
    });
    const pay = String(opened.headers['location']);
    expect(pay).toMatch(/^\/pay\/[0-9a-f]{64}$/);
    expect((await visitor.get(pay)).text).toContain('Waiting for your payment');
    expect((await new Visitor(tester).get(pay)).text).not.toContain('>Cancel<');
    await visitor.post(`${pay}/cancel`);
    const cancelled = (await visitor.get(pay)).text;
    expect(cancelled).toContain('Cancelled');
    expect(cancelled).toContain('New invoice');
    const again = await visitor.post(`${pay}/retry`);
    expect(again.headers['location']).not.toBe(pay);
    expect((await visitor.get(String(again.headers['location']))).text).toContain('attempt 2');
    expect((await visitor.get(pay)).text).toContain('It was tried again');
  });
});

describe('keys of forms', () => {
  it('belong to who sends them: another account with the same key opens another action', async () => {
    const key = randomUUID();
    const fields = { title: 'of two people', step: 'open', key };
    const answers = [];
    for (const headers of [await account(), await account()]) {
      answers.push(await (await signedIn(tester, headers)).post('/submit/discussion', fields));
    }
    const anonymous = [new Visitor(tester), new Visitor(tester)];
    for (const one of anonymous) {
      await one.get('/');
      answers.push(await one.post('/submit/discussion', fields));
    }
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303]);
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(4);
  });

  it('name one form: the same key with other fields is refused', async () => {
    const visitor = await signedIn(tester, await account());
    const fields = { title: 'first', step: 'open', key: randomUUID() };
    expect((await visitor.post('/submit/discussion', fields)).status).toBe(303);
    const other = await visitor.post('/submit/discussion', { ...fields, title: 'second' });
    expect(other.status).toBe(422);
    expect(await tester.count(`items where title = 'second'`)).toBe(0);
  });

  it('are the same with a script and without: sent again by the other, it is carried out once', async () => {
    const visitor = await signedIn(tester, await account());
    const { headers } = await visitor.post('/submit/discussion', {
      ...{ title: 'to be zapped', step: 'open', key: randomUUID() },
    });
    const zapper = await signedIn(tester, await account());
    const fields = { sats: '3', key: randomUUID() };
    const path = `${String(headers['location'])}/zap`;
    const before = await tester.count('actions');
    expect((await zapper.post(path, { ...fields, live: '1' })).status).toBeLessThan(400);
    expect((await zapper.post(path, fields)).status).toBeLessThan(400);
    expect(await tester.count('actions')).toBe(before + 1);
  });

  it('name one form: the same key and fields sent to another one are refused', async () => {
    const visitor = new Visitor(tester);
    await visitor.get('/');
    const fields = { title: 'one key', step: 'open', key: randomUUID() };
    const opened = await visitor.post('/submit/discussion', fields);
    expect(opened.status).toBe(303);
    expect((await visitor.post('/submit/poll', fields)).status).toBe(422);
    const pay = String(opened.headers['location']);
    const key = randomUUID();
    expect((await visitor.post(`${pay}/cancel`, { key })).status).toBe(303);
    expect((await visitor.post(`${pay}/retry`, { key })).status).toBe(422);
    expect((await visitor.get(pay)).text).toContain('New invoice');
  });
});
