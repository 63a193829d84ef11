import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bech32 } from '@scure/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../../db/transaction.js';
import type { Role } from '../../../../../domain/accounts/roles.js';
import { createAccount } from '../../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../../engine/accounts/tokens.js';
import { NOWHERE } from '../every-route.helper.js';
import { pay } from '../paying.helper.js';
import type { ApiTester } from '../tester.helper.js';
import { challengeIn, signedIn, startPages, streamsFor, Visitor } from './pages.helper.js';
import { seed, type Seeded } from './seed.helper.js';

let tester: ApiTester;
let data: Seeded;
const letters = [{ seq: 7, subject: 'payments.invoice.00ff.settled' }];
const BAD_TOKENS = 3;

beforeAll(async () => {
  tester = await startPages({ streams: streamsFor(letters), badTokensPerMinute: BAD_TOKENS });
  data = await seed(tester);
});
afterAll(() => tester.close());

async function staff(role: Role): Promise<Visitor> {
  const token = await inTransaction(tester.api.pool, async (tx) => {
    const { id } = await createAccount(tx, { name: `is-${role}`, role });
    return issueToken(tx, id, 'test');
  });
  return signedIn(tester, { authorization: `Bearer ${token}` });
}

const READ = [
  ...['/ops', `/ops/payments?id=${NOWHERE}`, `/ops/payments/${NOWHERE}`, '/stores', '/stores/shop'],
  ...['/stores/shop/orders/1', '/stores/shop/incidents', '/stores/shop/thresholds'],
  ...['/stores/shop/ids', '/stores/shop/recover'],
];
const CHANGE = [
  ...['/ops/dead-letters/preview', '/ops/dead-letters/replay', '/stores/shop/recover'],
  '/stores/shop/incidents/1/resolve',
];

describe('pages of operators', () => {
  it.each(READ)('are not for users, nor for anybody else: GET %s', async (path) => {
    expect((await (await signedIn(tester, data.alice)).get(path)).status).toBe(403);
    expect((await new Visitor(tester).get(path)).status).toBe(303);
  });

  it.each(CHANGE)('change nothing but for operators: POST %s', async (path) => {
    const users = [
      await signedIn(tester, data.alice),
      new Visitor(tester),
      await staffOnce('support'),
    ];
    const before = await tester.fingerprint();
    for (const one of users) {
      expect([401, 403]).toContain((await one.post(path, { seq: '7', since: '' })).status);
    }
    expect(await tester.fingerprint()).toEqual(before);
    expect(letters).toHaveLength(1);
  });

  let supporting: Visitor | undefined;
  async function staffOnce(role: Role): Promise<Visitor> {
    supporting ??= await staff(role);
    return supporting;
  }

  it('are read by whoever supports, whose navigation names them', async () => {
    const supporter = await staffOnce('support');
    const { status, text } = await supporter.get('/ops');
    expect(status).toBe(200);
    expect(text).toContain('href="/stores"');
    for (const other of [await signedIn(tester, data.alice), await staff('metrics')]) {
      expect((await other.get('/')).text).not.toContain('href="/ops"');
    }
  });

  it('ask for nothing by themselves: no stream, no timer', async () => {
    const { text } = await (await signedIn(tester, tester.operator)).get('/ops');
    expect(text).not.toContain('data-events');
    expect(text).not.toContain('http-equiv="refresh"');
  });

  it('show what a replay would do, of the chosen letters alone', async () => {
    const operator = await signedIn(tester, tester.operator);
    const path = '/ops/dead-letters/preview';
    expect((await operator.post(path, { seq: '7' })).text).toContain('name="seq" value="7"');
    const { text } = await operator.post(path, { seq: '9' });
    expect(text).toContain('Replay 0 letters');
    expect(text).not.toContain('name="seq"');
  });

  it('are audited: whose payment was looked at, and what was replayed', async () => {
    const operator = await signedIn(tester, tester.operator);
    const { rows } = await tester.api.pool.query<{ id: string }>('select id from actions limit 1');
    await operator.get(`/ops/payments/${rows[0]?.id ?? ''}`);
    await operator.post('/ops/dead-letters/replay', { seq: '9' });
    for (const act of ['GET /ops/payments/:id', 'POST /ops/dead-letters/replay']) {
      expect(await tester.count('audit_log where act = $1', [act]), act).toBe(1);
    }
  });
});

describe('what is somebody’s own', () => {
  it('is shown to its author, in the feed and on its page, and to nobody else', async () => {
    const title = 'seen by its author alone';
    const args = { title, territories: ['lightning'] };
    const opened = await tester.open(data.alice, {
      ...{ type: 'ITEM_CREATE', args, payment: 'invoice' },
    });
    const page = `/items/${opened.result['itemId'] ?? ''}`;
    const author = await signedIn(tester, data.alice);
    expect((await author.get('/')).text).toContain(title);
    expect((await author.get(page)).text).toContain('Only you see this.');
    for (const other of [await signedIn(tester, data.bob), new Visitor(tester)]) {
      for (const path of ['/', '/?sort=recent', '/~lightning?sort=recent', '/@alice']) {
        expect((await other.get(path)).text, path).not.toContain(title);
      }
      expect((await other.get(page)).status).toBe(404);
      expect((await other.get(`/actions/${opened.id}`)).status).toBe(404);
      const invoice = await other.get(`/pay/${opened.attempts[0]?.invoice?.hash ?? ''}`);
      expect(invoice.status).toBe(200);
      expect(invoice.text).not.toContain(title);
      expect(invoice.text).not.toContain(opened.id);
    }
  });

  it('is its statement, which says what each line was for', async () => {
    const [alice, bob] = [await signedIn(tester, data.alice), await signedIn(tester, data.bob)];
    const ofAlice = (await alice.get('/me/statement')).text;
    const title = 'What happens to a payment when the server is restarted?';
    expect(ofAlice).toMatch(
      new RegExp(`Zap: <a href="/items/${data.postId}">${quoted(title)}</a>`),
    );
    expect(ofAlice).toContain('Founding of a territory: <a href="/~lightning">~lightning</a>');
    expect(ofAlice).toContain('Credits that you were given');
    const ofBob = (await bob.get('/me/statement')).text;
    expect(ofBob).toMatch(/Your share of: Zap: <a/);
    expect(ofBob).not.toContain('~lightning');
    // Nobody but its payer has a page of the zap.
    const zap = /href="(\/actions\/[^"]+)"/.exec(ofAlice.split('Zap: ')[1] ?? '')?.[1] ?? '';
    expect((await alice.get(zap)).status).toBe(200);
    expect((await bob.get(zap)).status).toBe(404);
    expect(ofBob).not.toContain(zap);
  });

  const quoted = (text: string): string => text.replaceAll('?', '\\?');

  it('is a new invoice, for whoever has opened the action', async () => {
    const { id, attempts } = await tester.open(data.alice, {
      ...{ type: 'BUY_CREDITS', args: { sats: 3 }, payment: 'invoice' },
    });
    const path = `/pay/${attempts[0]?.invoice?.hash ?? ''}`;
    await tester.post(`/v1/actions/${id}/cancel`, {}, data.alice);
    expect((await (await signedIn(tester, data.alice)).get(path)).text).toContain('New invoice');
    const staff = await signedIn(tester, tester.operator);
    // Operators may do it, but not from the page of a payer.
    expect((await staff.get(path)).text).not.toContain('New invoice</button>');
    for (const other of [await signedIn(tester, data.bob), new Visitor(tester)]) {
      const { text } = await other.get(path);
      expect(text).not.toContain('New invoice</button>');
      expect(text).toContain('Whoever asked you to pay can make a new invoice.');
      expect((await other.post(`${path}/retry`)).status).toBe(404);
      expect((await other.post(`${path}/cancel`)).status).toBe(404);
    }
  });

  it('are its withdrawals', async () => {
    await tester.api.simulator.wallets.open('receiver', 0n as never);
    const grant = { asset: 'SATS', amountMsat: '900000', reason: 'a test' };
    await tester.post('/v1/accounts/alice/credits', grant, tester.operator);
    const asked = { amountMsat: 210_000n as never, expirySeconds: 600, memo: '' };
    const { bolt11 } = await tester.api.simulator.wallets.createInvoice('receiver', asked);
    const alice = await signedIn(tester, data.alice);
    expect((await alice.post('/withdrawals', { bolt11 })).status).toBe(303);
    const { text } = await alice.get('/withdrawals');
    expect(text).toContain('210 sats');
    expect(text).toContain('being paid out');
    expect((await (await signedIn(tester, data.bob)).get('/withdrawals')).text).toContain(
      'Nothing has been withdrawn yet.',
    );
  });

  it('is a transmission, for whoever has its token', async () => {
    for (const path of ['/own', '/cancel', '/bump', '/withdraw']) {
      const asked = new Visitor(tester);
      const url = `/satellite/orders/${data.order}${path}`;
      const answer = path === '/own' ? await asked.get(url) : await asked.post(url, { sats: '1' });
      expect([303, 401], path).toContain(answer.status);
    }
  });
});

describe('signing in', () => {
  it('leaves no secret in the database', async () => {
    const visitor = await signedIn(tester, data.alice);
    const id = visitor.cookies.get('quittance-session') ?? '';
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const hash = createHash('sha256').update(id).digest();
    expect(await tester.count('page_sessions where id_hash = $1', [hash])).toBe(1);
    expect(await tester.count('page_sessions s where s::text like $1', [`%${id}%`])).toBe(0);
  });

  it('by a wallet takes its signature, and each challenge once', async () => {
    const key = secp256k1.utils.randomSecretKey(randomBytes(48));
    const visitor = new Visitor(tester);
    const asked = (await visitor.post('/sign-in/wallet', { next: '/me' })).text;
    const fields = { ...challengeIn(asked), name: 'By-Wallet' };
    const unsigned = await visitor.post('/sign-in/wallet/enter', fields);
    expect(unsigned.status).not.toBe(303);
    expect(unsigned.text).toContain('The wallet has not confirmed yet');
    await tester.get(signedBy(key, asked));
    const guessed = { ...fields, secret: 'guessed' };
    for (const wrong of [guessed, { ...fields, k1: 'zz' }, { ...fields, k1: '' }]) {
      expect((await visitor.post('/sign-in/wallet/enter', wrong)).status).toBe(404);
    }
    const nameless = challengeIn(asked);
    expect((await visitor.post('/sign-in/wallet/enter', nameless)).text).toContain(
      'choose a name for your account',
    );
    const entered = await visitor.post('/sign-in/wallet/enter', fields);
    expect([entered.status, entered.headers['location']]).toEqual([303, '/me']);
    expect((await visitor.get('/me')).text).toContain('@by-wallet');
    const again = await new Visitor(tester).post('/sign-in/wallet/enter', fields);
    expect([again.status, again.headers['set-cookie']]).toEqual([404, undefined]);
    // The token of this session alone goes with it.
    const valid = `api_tokens t join accounts a on a.id = t.account_id
      where a.name = 'by-wallet' and t.revoked_at is null`;
    const before = await tester.count(valid);
    await visitor.post('/sign-out');
    expect(await tester.count(valid)).toBe(before - 1);
  });

  /** What a wallet asks for that has scanned the code of this page. */
  function signedBy(key: Uint8Array, text: string): string {
    const lnurl = /lightning:(LNURL1[A-Z0-9]+)/.exec(text)?.[1] ?? '';
    const { words } = bech32.decode(lnurl.toLowerCase() as `${string}1${string}`, 2000);
    const address = new URL(new TextDecoder().decode(bech32.fromWords(words)));
    const k1 = address.searchParams.get('k1') ?? '';
    const signature = secp256k1.sign(Buffer.from(k1, 'hex'), key, {
      ...{ prehash: false, format: 'der' },
    });
    address.searchParams.set('sig', Buffer.from(signature).toString('hex'));
    address.searchParams.set('key', Buffer.from(secp256k1.getPublicKey(key)).toString('hex'));
    return `${address.pathname}${address.search}`;
  }

  it('is not tried by guessing', async () => {
    const answers = [];
    for (let n = 0; n <= BAD_TOKENS; n += 1) {
      const guess = { token: `qt_${'y'.repeat(42)}${n}` };
      answers.push((await new Visitor(tester).post('/sign-in', guess)).status);
    }
    expect(answers).toEqual([401, 401, 401, 429]);
  });
});

describe('a browser without an account', () => {
  it('keeps what it opened: of the newest twenty, the oldest goes', async () => {
    const visitor = new Visitor(tester);
    await visitor.get('/');
    const opened: string[] = [];
    for (let n = 0; n < 21; n += 1) {
      const fields = { title: `one of many ${n}`, step: 'open', key: randomUUID() };
      const { headers } = await visitor.post('/submit/discussion', fields);
      opened.push(String(headers['location']));
      const { rows } = await tester.api.pool.query<{ bolt11: string }>(
        'select bolt11 from invoices where hash = $1',
        [opened.at(-1)?.replace('/pay/', '')],
      );
      // So many that are not paid would be refused.
      await pay(tester, rows[0]?.bolt11);
    }
    const shows = async (path = ''): Promise<boolean> =>
      (await visitor.get(path)).text.includes('What this was for');
    expect(await shows(opened[0])).toBe(false);
    expect(await shows(opened[1])).toBe(true);
    expect(await shows(opened[20])).toBe(true);
  });
});
