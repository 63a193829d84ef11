import { openStore } from '../../../../../engine/intake/stores/open-store.js';
import { saveDoctorReport } from '../../../../../engine/operator/doctor-reports.js';
import { createIntakeContext } from '../../../../../services/shared/intake-context.js';
import { type ApiTester, type Headers } from '../tester.helper.js';
import { pay } from '../paying.helper.js';

export interface Seeded {
  readonly alice: Headers;
  readonly bob: Headers;
  readonly postId: string;
  readonly pollId: string;
  readonly bountyId: string;
  /** An unpaid invoice of alice's: its payment hash. */
  readonly openHash: string;
  readonly order: string;
}

const idOf = ({ result }: { readonly result: Readonly<Record<string, string>> }): string =>
  result['itemId'] ?? '';

/** Something on every page. */
export async function seed(tester: ApiTester): Promise<Seeded> {
  const alice = await tester.account(200_000_000n, 'alice');
  const bob = await tester.account(5_000_000n, 'bob');
  const create = (who: Headers, args: object) => tester.open(who, { type: 'ITEM_CREATE', args });
  await tester.open(alice, {
    type: 'TERRITORY_CREATE',
    args: { name: 'lightning', billing: 'MONTHLY', description: 'Payments that arrive.' },
  });
  const post = await create(bob, {
    title: 'What happens to a payment when the server is restarted?',
    text: 'I pulled the plug in the middle of a zap.\n\nhttps://example.com/notes says it must go on where it was.',
    territories: ['lightning'],
  });
  const postId = idOf(post);
  await create(alice, {
    title: 'A guide to hold invoices',
    url: 'https://example.com/hold-invoices',
  });
  const poll = await create(bob, {
    kind: 'poll',
    title: 'How do you pay?',
    options: ['by credits', 'by invoice'],
  });
  const bounty = await create(alice, {
    kind: 'bounty',
    title: 'Find a lost satoshi',
    bountySats: 1000,
  });
  const comment = await create(alice, { kind: 'comment', parentId: postId, text: 'It went on.' });
  await create(bob, { kind: 'comment', parentId: idOf(comment), text: 'Twice?' });
  await tester.open(alice, { type: 'ZAP', args: { itemId: postId, sats: 100 } });
  await tester.failed(alice);
  const open = await tester.open(alice, {
    ...{ type: 'BUY_CREDITS', args: { sats: 5000 }, payment: 'invoice' },
  });
  await seedStore(tester);
  await saveDoctorReport(tester.api.pool, true, [
    { check: 'every posting sums to zero', verdict: 'ok', count: 0, ids: [] },
  ]);
  return {
    ...{ alice, bob, postId, order: await seedOrders(tester) },
    ...{ pollId: idOf(poll), bountyId: idOf(bounty) },
    openHash: open.attempts.at(-1)?.invoice?.hash ?? '',
  };
}

async function seedOrders(tester: ApiTester): Promise<string> {
  const ids: string[] = [];
  for (const bidMsat of ['100000', '250000', '180000']) {
    const { json } = await tester.post('/v1/transmissions', { text: 'to the ground', bidMsat });
    const { id, invoices } = json as { id: string; invoices: { bolt11: string }[] };
    await pay(tester, invoices[0]?.bolt11);
    ids.push(id);
  }
  return ids[1] ?? '';
}

/** A store with ninety days of orders, two gaps of ids, an incident, and a threshold. */
async function seedStore(tester: ApiTester): Promise<void> {
  const { pool, engine } = tester.api;
  const intake = createIntakeContext(
    { secret: engine.secret, storeKey: undefined, apiUrl: 'http://127.0.0.1:8420' },
    { pool, outboxChanged: () => undefined },
  );
  await openStore(intake, {
    ...{ id: 'shop', url: 'https://shop.example', name: 'Example shop', zone: 'UTC' },
    ...{ secrets: [], settings: {} },
  });
  await pool.query(
    `insert into store_ids (store, order_id, class, due_at)
     values ('shop', 130, 'explained', null), ('shop', 171, 'waiting', now()), ('shop', 172, 'lost', null)`,
  );
}
