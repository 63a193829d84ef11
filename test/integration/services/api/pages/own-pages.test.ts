import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTICE_KINDS } from '../../../../../domain/notices/kinds.js';
import { pay, settledLate } from '../paying.helper.js';
import { encodeCursor } from '../../../../../services/api/v1/wire/page.js';
import type { ApiTester } from '../tester.helper.js';
import { signedIn, startPages, Visitor } from './pages.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await startPages();
});
afterAll(() => tester.close());

describe('notices', () => {
  /** One of each kind that is stored, about an item of the account. */
  async function tellAll(name: string): Promise<void> {
    const kinds = NOTICE_KINDS.filter((kind) => kind !== 'FAILED_PAYMENT');
    await tester.api.pool.query(
      `insert into notices (account, kind, key, by_account, amount_msat, times, detail)
       select a.id, k, 'test/' || k, a.id, 21000, 3,
         '{"territory": "lightning", "state": "GRACE", "days": "4", "at": "2026-11-26T12:00:00.000Z", "comment": "thanks"}'
       from accounts a, unnest($2::text[]) k where a.name = $1`,
      [name, kinds],
    );
  }

  it('tell of every kind, in words, with failed payments among them', async () => {
    const headers = await tester.account(0n, 'told-of-all');
    const visitor = await signedIn(tester, headers);
    const { id } = await tester.failed(headers);
    await tellAll('told-of-all');
    const { text } = await visitor.get('/notices');
    expect(text.match(/<p class="line">/g)).toHaveLength(NOTICE_KINDS.length);
    for (const kind of NOTICE_KINDS) expect(text).not.toContain(kind);
    for (const words of ['replied to you', '21 sats', 'streak of 4 days', '~lightning']) {
      expect(text).toContain(words);
    }
    expect(text).toContain(`/actions/${id}/retry`);
    expect(text).toContain('Attempt 1');
    expect(text).toContain(`${NOTICE_KINDS.length} unread`);
  });

  it('are read when their reader says so, and what came since is not', async () => {
    const headers = await tester.account(0n, 'reads-notices');
    const visitor = await signedIn(tester, headers);
    await tellAll('reads-notices');
    const { text } = await visitor.get('/notices');
    const through = /name="through" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await tester.api.pool.query(
      `insert into notices (account, kind, key, at) select id, 'REPLY', 'later', clock_timestamp() + interval '1 s' from accounts where name = 'reads-notices'`,
    );
    expect((await visitor.post('/notices/read', { through })).status).toBe(303);
    expect((await visitor.get('/notices')).text).toContain('1 unread');
  });

  it('go away one by one, each its owner’s', async () => {
    const headers = await tester.account(0n, 'dismisses');
    const visitor = await signedIn(tester, headers);
    const { id } = await tester.failed(headers);
    await tellAll('dismisses');
    const dismiss = /\/notices\/\d+\/dismiss/.exec((await visitor.get('/notices')).text)?.[0] ?? '';
    const other = await signedIn(tester, await tester.account());
    expect((await other.post(dismiss)).status).toBe(404);
    expect((await other.post(`/actions/${id}/dismiss`, { attempt: '1' })).status).toBe(404);
    expect((await visitor.get('/notices')).text).toContain(dismiss);
    await visitor.post(dismiss);
    await visitor.post(`/actions/${id}/dismiss`, { attempt: '1' });
    const { text } = await visitor.get('/notices');
    expect(text).not.toContain(dismiss);
    expect(text).not.toContain(id);
  });
});

describe('a territory', () => {
  async function founder(name: string): Promise<Visitor> {
    const headers = await tester.account(100_000_000n);
    await tester.open(headers, { type: 'TERRITORY_CREATE', args: { name, billing: 'MONTHLY' } });
    return signedIn(tester, headers);
  }

  /** What its form shows, sent back with these changes. */
  async function settingsOf(visitor: Visitor, name: string): Promise<Record<string, string>> {
    const { text } = await visitor.get(`/~${name}/settings`);
    const version = /name="version" value="(\d+)"/.exec(text)?.[1] ?? '';
    const costs = { baseCostSats: '7', replyCostSats: '2' };
    return { version, ...costs, description: 'All about it', postTypes: 'LINK', ranking: 'RECENT' };
  }

  it('is changed by its owner where that costs nothing', async () => {
    const owner = await founder('changed');
    expect((await owner.get('/~changed')).text).toContain('/~changed/settings');
    const saved = await owner.post('/~changed/settings', await settingsOf(owner, 'changed'));
    expect(saved.status, saved.text).toBe(303);
    const { text } = await owner.get('/~changed');
    expect(text).toContain('a post costs 7 sats, a reply 2 sats');
    expect(text).toContain('All about it');
    expect(
      (
        await owner.post('/~changed/settings', {
          ...(await settingsOf(owner, 'changed')),
          version: '1',
        })
      ).status,
    ).toBe(409);
  });

  it('is not changed or given away by others', async () => {
    const owner = await founder('kept');
    const fields = await settingsOf(owner, 'kept');
    const other = await signedIn(tester, await tester.account());
    const before = await tester.fingerprint();
    expect((await other.get('/~kept/settings')).status).toBe(403);
    expect((await other.post('/~kept/settings', fields)).status).toBe(403);
    expect((await other.post('/~kept/transfer', { to: 'operator' })).status).toBe(403);
    expect(await tester.fingerprint()).toEqual(before);
  });

  it('is given away', async () => {
    const owner = await founder('given');
    await tester.account(0n, 'receives-given');
    const missing = await owner.post('/~given/transfer', { to: 'nobody-at-all' });
    expect(missing.status).toBe(404);
    expect(missing.text).toContain('Give ~given away');
    expect((await owner.post('/~given/transfer', { to: '@receives-given' })).status).toBe(303);
    expect((await owner.get('/~given')).text).toContain('@receives-given');
  });

  it.each(['hot', 'recent', 'top'])('shows its posts by %s', async (sort) => {
    const headers = await tester.account(10_000_000n);
    const title = `Sorted by ${sort}`;
    const args = { title, territories: ['sorted'] };
    await tester.open(headers, { type: 'ITEM_CREATE', args });
    const { status, text } = await new Visitor(tester).get(`/~sorted?sort=${sort}`);
    expect(status).toBe(200);
    expect(text).toContain(title);
    expect(text).toMatch(new RegExp(`sort=${sort}" aria-current="page"`));
  });

  it('shows its posts from the first where the cursor is of another order', async () => {
    const headers = await tester.account(10_000_000n);
    const title = 'The newest of all';
    await tester.open(headers, {
      ...{ type: 'ITEM_CREATE', args: { title, territories: ['ordered'] } },
    });
    const beyond = encodeCursor(['recent', '1', '1']);
    const visitor = new Visitor(tester);
    const at = (sort: string): string => `/~ordered?sort=${sort}&cursor=${beyond}`;
    expect((await visitor.get(at('hot'))).text).toContain(title);
    expect((await visitor.get(at('recent'))).text).not.toContain(title);
  });
});

describe('what is owed', () => {
  it('for an action without an account is collected by whoever opened it, signed in', async () => {
    const visitor = new Visitor(tester);
    await visitor.get('/');
    const key = '22222222-2222-4222-8222-222222222222';
    const fields = { title: 'paid too late', step: 'open', key };
    const opened = await visitor.post('/submit/discussion', fields);
    const hash = String(opened.headers['location']).replace('/pay/', '');
    const { rows } = await tester.api.pool.query<{ id: string }>(
      'select action_id as id from invoices where hash = $1',
      [hash],
    );
    const id = rows[0]?.id ?? '';
    await visitor.post(`/actions/${id}/cancel`);
    await settledLate(tester, hash, 10_000n);
    expect((await visitor.get(`/actions/${id}`)).text).toContain('Sign in to collect it');
    await visitor.signIn(await tester.account(0n, 'collects'));
    expect((await visitor.get(`/actions/${id}`)).text).toContain('Collect it as @collects');
    const stranger = await signedIn(tester, await tester.account());
    expect((await stranger.post(`/actions/${id}/collect`)).status).toBe(404);
    expect((await visitor.post(`/actions/${id}/collect`)).status).toBe(303);
    expect((await visitor.get('/me')).text).toContain('10 sats<');
  });
});

describe('a transmission', () => {
  interface Order {
    readonly id: string;
    readonly token: string;
  }

  async function order(): Promise<Order & { invoices: { bolt11: string }[] }> {
    const { json } = await tester.post('/v1/transmissions', { text: 'hello', bidMsat: '100000' });
    return json as Order & { invoices: { bolt11: string }[] };
  }

  /** The first that is paid is sent at once; this one waits for it. */
  async function waitingOrder(): Promise<Order> {
    await pay(tester, (await order()).invoices[0]?.bolt11);
    const opened = await order();
    await pay(tester, opened.invoices[0]?.bolt11);
    return opened;
  }
  const withToken = ({ token }: Order): Visitor =>
    new Visitor(tester, { 'sec-fetch-site': 'same-origin', 'quittance-capability': token });

  it('is bid up for by its owner, who is led to the invoice', async () => {
    const opened = await order();
    const path = `/satellite/orders/${opened.id}/bump`;
    const refused = await new Visitor(tester).post(path, { sats: '5' });
    expect(refused.status).toBe(401);
    const { json } = await withToken(opened).post(path, { sats: '5' });
    const { next } = json as { next: string };
    expect(next).toMatch(/^\/pay\/[0-9a-f]{64}$/);
    expect((await new Visitor(tester).get(next)).text).toContain('5 sats');
  });

  it('that is cancelled is owed, and collected by its owner', async () => {
    const opened = await waitingOrder();
    const visitor = withToken(opened);
    const path = `/satellite/orders/${opened.id}`;
    expect((await visitor.post(`${path}/cancel`)).status).toBe(200);
    const again = await visitor.post(`${path}/cancel`);
    expect(again.status).toBe(409);
    expect(again.text).toContain('it is cancelled already');
    const stranger = await signedIn(tester, await tester.account());
    expect((await stranger.post(`${path}/collect`)).status).toBe(401);
    await visitor.signIn(await tester.account(0n, 'owed-an-order'));
    expect((await visitor.post(`${path}/withdraw`, { bolt11: 'lnbc1' })).status).toBe(400);
    const collected = await visitor.post(`${path}/collect`);
    expect(collected.status, collected.text).toBe(200);
    expect((await visitor.get('/me')).text).toContain('100 sats');
    expect((await visitor.post(`${path}/collect`)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('event streams of pages', () => {
  it('are for payment hashes only', async () => {
    for (const hash of ['not-a-hash', 'abcd', `${'a'.repeat(64)}0`]) {
      expect((await new Visitor(tester).get(`/pay/${hash}/events`)).status).toBe(404);
    }
  });

  it('are not for those who may not see the action', async () => {
    const headers = await tester.account(0n);
    const { id } = await tester.open(headers);
    expect((await new Visitor(tester).get(`/actions/${id}/events`)).status).toBe(404);
  });
});
