import { randomBytes } from 'node:crypto';
import { openedAnswer, walletsAnswer } from '@quittance/sdk/answers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PayeeWallets, WalletError } from '../../../../adapters/lightning/wallets/port.js';
import { inTransaction } from '../../../../db/transaction.js';
import type { StoreKeys } from '../../../../engine/stored-secrets.js';
import { rotateSecrets } from '../../../../engine/intake/stores/webhook-secrets.js';
import { listWallets } from '../../../../engine/payouts/payee-wallets.js';
import { sealPlainWallets } from '../../../../engine/payouts/wallet-secrets.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
const logged: string[] = [];
/** What the wallets were asked with. */
const asked: string[] = [];

/** Nobody answers: that is told to the owner, noted and logged. */
const wallets: PayeeWallets = {
  mint({ address }) {
    asked.push(address);
    return Promise.reject(new WalletError('unavailable', 'by a test'));
  },
};

beforeAll(async () => {
  const logger = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  tester = await ApiTester.start({ wallets, logger });
});
afterAll(() => tester.close());

const newSecret = (): string => randomBytes(32).toString('hex');
const nwc = (secret: string): string =>
  `nostr+walletconnect://${'ab'.repeat(32)}?relay=wss%3A%2F%2Frelay.example&secret=${secret}`;
const lnd = (secret: string): string =>
  `lndconnect://lnd.example:10009?cert=AAAA&macaroon=${secret}`;

async function owner(): Promise<{ id: string; headers: Headers }> {
  const headers = await tester.account(1_000n);
  const { rows } = await tester.api.pool.query<{ id: string }>(
    'select id from accounts order by created_at desc limit 1',
  );
  return { headers, id: rows[0]?.id ?? '' };
}

async function add(headers: Headers, kind: string, address: string): Promise<void> {
  const body = { kind, address };
  expect((await tester.ask({ method: 'PUT', url: '/v1/wallets', headers, body })).status).toBe(200);
}

const listed = async (headers: Headers) =>
  walletsAnswer.parse((await tester.get('/v1/wallets', headers)).json).wallets;

/** Names of the tables in which a row contains the text, in any column. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await tester.api.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await tester.api.pool.query(
      `select from ${name} t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`,
      [text],
    );
    if (rowCount !== 0) found.push(name);
  }
  return found;
}

/** As a release before this one did. */
function addPlain(account: string, address: string): Promise<unknown> {
  return tester.api.pool.query(
    `insert into wallets (owner, kind, address) values ($1, 'nwc', $2)`,
    [account, address],
  );
}

describe("the secret of an account's wallet", () => {
  it.each(['nwc', 'lnd'] as const)(
    'over %s is in no row, no log and no answer to others, and reaches the wallet',
    async (kind) => {
      const secret = newSecret();
      const address = kind === 'nwc' ? nwc(secret) : lnd(secret);
      const { headers } = await owner();
      const { result } = await tester.open(headers);
      await add(headers, kind, address);
      const zap = { type: 'ZAP', args: { itemId: result['itemId'], sats: 100 } };
      const payer = await tester.account();
      const opened = openedAnswer.parse((await tester.post('/v1/actions', zap, payer)).json);
      expect(asked).toContain(address);
      expect(await tester.count('wallet_tries where action_id = $1', [opened.id])).toBe(1);
      const story = await tester.get(`/v1/operator/payments/${opened.id}`, tester.operator);
      expect(story.text).toContain('wallet_unavailable');
      expect(story.text).not.toContain(secret);
      expect(await tablesWith(secret)).toEqual([]);
      expect(logged.length).toBeGreaterThan(0);
      expect(logged.join('')).not.toContain(secret);
      expect(await listed(headers)).toMatchObject([{ kind, address }]);
      expect(await listed(payer)).toEqual([]);
    },
  );

  it('is found again by its address: the same wallet is changed', async () => {
    const { headers } = await owner();
    const address = nwc(newSecret());
    await add(headers, 'nwc', address);
    const body = { kind: 'nwc', address, enabled: false };
    await tester.ask({ method: 'PUT', url: '/v1/wallets', headers, body });
    expect(await listed(headers)).toMatchObject([{ address, enabled: false }]);
  });

  it('cannot be read where it was moved to another account', async () => {
    const [one, other] = [await owner(), await owner()];
    await add(one.headers, 'nwc', nwc(newSecret()));
    const { pool, engine } = tester.api;
    await pool.query('update wallets set owner = $2 where owner = $1', [one.id, other.id]);
    await expect(listWallets(pool, engine, other.id)).rejects.toThrow('authenticate');
    await pool.query('delete from wallets where owner = $1', [other.id]);
  });
});

describe('a secret that an older release has written as it is', () => {
  it('is used and shown as before, and encrypted by relays', async () => {
    const { id, headers } = await owner();
    const secret = newSecret();
    await addPlain(id, nwc(secret));
    expect(await listed(headers)).toMatchObject([{ address: nwc(secret) }]);
    const { pool, engine } = tester.api;
    expect(await inTransaction(pool, (tx) => sealPlainWallets(tx, engine))).toBe(1);
    expect(await inTransaction(pool, (tx) => sealPlainWallets(tx, engine))).toBe(0);
    expect(await tablesWith(secret)).toEqual([]);
    expect(await listed(headers)).toMatchObject([{ address: nwc(secret), enabled: true }]);
  });

  it('is encrypted when its owner changes the wallet', async () => {
    const { id, headers } = await owner();
    const address = nwc(newSecret());
    await addPlain(id, address);
    const body = { kind: 'nwc', address, priority: 3 };
    await tester.ask({ method: 'PUT', url: '/v1/wallets', headers, body });
    expect(await listed(headers)).toMatchObject([{ address, priority: 3 }]);
  });

  it('beside the same wallet, encrypted: it is switched off', async () => {
    const { id, headers } = await owner();
    const secret = newSecret();
    await add(headers, 'nwc', nwc(secret));
    await addPlain(id, nwc(secret));
    const { pool, engine } = tester.api;
    await inTransaction(pool, (tx) => sealPlainWallets(tx, engine));
    expect(await tablesWith(secret)).toEqual([]);
    const [first, second] = await listed(headers);
    expect([first, second]).toMatchObject([
      { address: nwc(secret), enabled: true },
      { address: nwc(secret), enabled: false },
    ]);
  });
});

describe('when the key is rotated', () => {
  it('every secret is encrypted with the newest key, and no older one reads it', async () => {
    const { id, headers } = await owner();
    const address = nwc(newSecret());
    await add(headers, 'nwc', address);
    const { pool, engine } = tester.api;
    const both: StoreKeys = new Map([...engine.storeKeys, [2, Buffer.alloc(32, 7)]]);
    await inTransaction(pool, (tx) => rotateSecrets(tx, both));
    const storeKeys: StoreKeys = new Map([...both].filter(([version]) => version === 2));
    expect(await listWallets(pool, { storeKeys }, id)).toMatchObject([{ address }]);
    await expect(listWallets(pool, engine, id)).rejects.toThrow('version 2');
    expect(await tester.count('wallets where get_byte(sealed, 0) <> 2')).toBe(0);
  });
});
