import type { FastifyInstance } from 'fastify';
import { createHash, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createNostrRelays } from '../../../../adapters/nostr/relays.js';
import { deliverDue } from '../../../../engine/deliveries/deliver.js';
import { isSigned, nostrPubkey, signEvent } from '../../../../engine/nostr-key.js';
import { buildApi } from '../../../../services/api/server.js';
import { SimulatedRelay } from '../../../support/nostr-relay.js';
import { Wrapping } from '../../engine/actions/wrapping.helper.js';
import { doEffects, toldTo } from '../../engine/notices/told.helper.js';

let at: Wrapping;
let app: FastifyInstance;
let relay: SimulatedRelay;

beforeAll(async () => {
  at = await Wrapping.create();
  const { engine } = at.fixture;
  const logger = pino({ level: 'silent' });
  app = buildApi({ engine, reads: engine.pool, logger, opsRoutes: {}, tokenCacheMs: 0 });
});
afterAll(async () => {
  await app.close();
  await at.fixture.close();
});
beforeEach(async () => {
  relay = await SimulatedRelay.start();
});
afterEach(() => relay.close());

const RELAY = 'wss://relay.example/';
const sender = randomBytes(32).toString('hex');

function zapRequest(change: object = {}, tags: readonly (readonly string[])[] = []): string {
  return JSON.stringify(
    signEvent(sender, {
      ...{ created_at: 1_700_000_000, kind: 9734, content: 'nice ünïcode' },
      tags: [['p', 'a'.repeat(64)], ['amount', '100000'], ['relays', RELAY], ...tags],
      ...change,
    }),
  );
}

async function ask(url: string): Promise<Record<string, unknown>> {
  const answer = await app.inject({ method: 'GET', url, headers: { host: 'pay.example' } });
  return z.record(z.string(), z.unknown()).parse(answer.json());
}

function callback(name: string, query: Record<string, string>): Promise<Record<string, unknown>> {
  return ask(`/lnurlp/${name}/callback?${new URLSearchParams(query).toString()}`);
}

/** Pays it, and returns the action. */
async function pay(pr: unknown): Promise<string> {
  const { fixture } = at;
  await fixture.wallets.pay({ wallet: 'payer', bolt11: z.string().parse(pr) });
  await fixture.deliver();
  const { rows } = await fixture.pool.query<{ id: string }>(
    `select action_id as id from attempts a join actions s on s.id = a.action_id
     where s.type = 'PROXY_PAYMENT' and a.state not in ('PAID', 'FAILED')`,
  );
  const id = rows[0]?.id ?? '';
  await fixture.drive(id);
  await fixture.deliver();
  return id;
}

function deliver(): Promise<number> {
  return deliverDue({
    ...{ pool: at.fixture.pool, secret: at.fixture.engine.secret, push: null },
    relays: createNostrRelays(() => new WebSocket(relay.url)),
  });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('B57: a zap request', () => {
  it('is answered by a receipt that says what was paid, at the relays that it names, once', async () => {
    const { account } = await at.payee('zapped');
    const offer = await ask(`/.well-known/lnurlp/${account.name}`);
    const pubkey = nostrPubkey(at.fixture.engine.secret);
    expect(offer).toMatchObject({ allowsNostr: true, nostrPubkey: pubkey });
    const request = zapRequest({}, [['e', 'b'.repeat(64)]]);
    const { pr } = await callback(account.name, { amount: '100000', nostr: request });
    const decoded = await at.fixture.engine.node.decode(z.string().parse(pr));
    expect(decoded).toMatchObject({ descriptionHash: hashOf(request) });
    // What is stored is what was sent, to the letter, and not a JSON scalar.
    await pay(pr);
    expect(await at.fixture.count('proxy_payments where zap_request = $1', [request])).toBe(1);
    await doEffects(at.fixture);
    await doEffects(at.fixture);
    expect(await deliver()).toBe(1);
    expect(await deliver()).toBe(0);
    const [receipt] = relay.events;
    expect(receipt).toMatchObject({ kind: 9735, pubkey, content: '' });
    expect(receipt === undefined ? false : isSigned(receipt)).toBe(true);
    expect(receipt?.tags).toEqual([
      ['p', 'a'.repeat(64)],
      ['e', 'b'.repeat(64)],
      ['P', nostrPubkey(sender)],
      ['bolt11', pr],
      ['description', request],
    ]);
    expect(await toldTo(at.fixture, account)).toEqual(['DEPOSIT 90000']);
  });

  it('whose relay hangs up is told again, the same event; one that refuses is not', async () => {
    const { account } = await at.payee('again');
    const { pr } = await callback(account.name, { amount: '100000', nostr: zapRequest() });
    await pay(pr);
    await doEffects(at.fixture);
    relay.mode = 'hangs up';
    expect(await deliver()).toBe(1);
    expect(await at.fixture.count('deliveries where done_at is null')).toBe(1);
    await at.fixture.pool.query('update deliveries set due_at = clock_timestamp()');
    relay.mode = 'keeps';
    await deliver();
    // As after a crash between sending and noting it.
    await at.fixture.pool.query(
      `update deliveries set done_at = null, delivered = null, due_at = clock_timestamp()
       where id = (select max(id) from deliveries)`,
    );
    await deliver();
    expect([relay.events.length, relay.received]).toEqual([1, 2]);
    const { pr: other } = await callback(account.name, { amount: '100000', nostr: zapRequest() });
    await pay(other);
    await doEffects(at.fixture);
    relay.mode = 'refuses';
    await deliver();
    expect(await at.fixture.count('deliveries where done_at is null')).toBe(0);
    expect(await at.fixture.count('deliveries where not delivered')).toBe(1);
  });

  it('that is not one is refused, and nothing is opened', async () => {
    const { account } = await at.payee('careful');
    const signed = z.record(z.string(), z.unknown()).parse(JSON.parse(zapRequest()));
    const bad = [
      'no JSON',
      '"{}"',
      JSON.stringify({ ...signed, content: 'changed' }),
      zapRequest({ kind: 1 }),
      zapRequest({
        tags: [
          ['p', 'a'.repeat(64)],
          ['amount', '100000'],
        ],
      }),
      zapRequest({}, [['p', 'b'.repeat(64)]]),
      zapRequest({
        tags: [
          ['p', 'a'.repeat(64)],
          ['amount', '1'],
          ['relays', RELAY],
        ],
      }),
      zapRequest({
        tags: [
          ['p', 'a'.repeat(64)],
          ['relays', 'ws://127.0.0.1:80', 'http://x'],
        ],
      }),
    ];
    const before = await at.fixture.count('actions');
    for (const nostr of bad) {
      const answer = await callback(account.name, { amount: '100000', nostr });
      expect(answer, nostr).toMatchObject({ status: 'ERROR' });
    }
    expect(await at.fixture.count('actions')).toBe(before);
  });
});

it('relays of our own networks are not called', async () => {
  const relays = createNostrRelays();
  const event = signEvent(sender, { created_at: 1, kind: 1, tags: [], content: '' });
  for (const url of ['ws://relay.example', 'wss://127.0.0.1', 'wss://[::1]', 'wss://localhost']) {
    await expect(async () => relays.publish(url, event)).rejects.toThrow();
  }
});

describe('LUD-18', () => {
  it('what a payer says of itself is kept, and in the hash of the invoice', async () => {
    const { account } = await at.payee('greeted');
    const offer = await ask(`/.well-known/lnurlp/${account.name}`);
    expect(offer['payerData']).toMatchObject({ name: { mandatory: false } });
    const payerdata = JSON.stringify({ name: 'Alice', identifier: 'alice@wallet.example' });
    const { pr } = await callback(account.name, { amount: '100000', payerdata });
    const decoded = await at.fixture.engine.node.decode(z.string().parse(pr));
    const metadata = z.string().parse(offer['metadata']);
    expect(decoded).toMatchObject({ descriptionHash: hashOf(metadata + payerdata) });
    await pay(pr);
    expect(await at.fixture.count('proxy_payments where payer_data = $1', [payerdata])).toBe(1);
  });

  it.each(['[]', '{"name":1}', '{"secret":"x"}', 'x'])('%s is refused', async (payerdata) => {
    const { account } = await at.payee();
    await at.addWallets(account, [`payee-of-${payerdata.length}`]);
    const answer = await callback(account.name, { amount: '100000', payerdata });
    expect(answer).toMatchObject({ status: 'ERROR' });
  });
});
