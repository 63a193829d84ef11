import { randomBytes, randomUUID } from 'node:crypto';
import { openedTransmissionAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compare } from '../../../../services/cli/differences/compare.js';
import type { Told } from '../../../../services/cli/differences/read-streams.js';
import { pay } from '../api/paying.helper.js';
import { ApiTester, NEW_POST } from '../api/tester.helper.js';

const BY_INVOICE = { ...NEW_POST, payment: 'invoice' };
const STARTED = new Date('2026-11-01T00:00:00Z');

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

type Opened = Awaited<ReturnType<ApiTester['open']>>;
const invoiceOf = ({ attempts }: Opened) => attempts.at(-1)?.invoice;

/** What differs, in the order in which it was told: id, what was told, what is here. */
async function differencesOf(...told: readonly Omit<Told, 'at'>[]): Promise<unknown[]> {
  const at = (n: number): Date => new Date(STARTED.getTime() + n);
  const dated = told.map((one, n) => ({ ...one, at: at(n) }));
  const found = await compare(tester.api.pool, dated.toReversed());
  return found.map(({ id, state, here }) => [id, state, here]);
}

it('names attempts and invoices that NATS knows further than the database', async () => {
  const account = await tester.account();
  const [open, paid] = [
    await tester.open(account, BY_INVOICE),
    await tester.open(account, BY_INVOICE),
  ];
  await pay(tester, invoiceOf(paid)?.bolt11);
  const [openId, paidId] = [`${open.id}/1`, `${paid.id}/1`];
  const [openHash = '', paidHash = ''] = [invoiceOf(open)?.hash, invoiceOf(paid)?.hash];
  const unknown = `${randomUUID()}/1`;
  const nowhere = randomBytes(32).toString('hex');
  const found = await differencesOf(
    { kind: 'attempt', id: unknown, state: 'PENDING' },
    { kind: 'attempt', id: openId, state: 'PAID' },
    { kind: 'attempt', id: paidId, state: 'FAILED' },
    { kind: 'attempt', id: paidId, state: 'PAID' },
    // Both have gone on, or stand still, since that was told.
    { kind: 'attempt', id: openId, state: 'PENDING' },
    { kind: 'attempt', id: paidId, state: 'PENDING' },
    { kind: 'invoice', id: openHash, state: 'settled' },
    { kind: 'invoice', id: paidHash, state: 'settled' },
    { kind: 'invoice', id: nowhere, state: 'settled' },
    { kind: 'payment', id: nowhere, state: 'succeeded' },
  );
  expect(found).toEqual([
    [unknown, 'PENDING', null],
    [openId, 'PAID', 'PENDING'],
    [paidId, 'FAILED', 'PAID'],
    [openHash, 'settled', 'open'],
    [nowhere, 'settled', null],
    [nowhere, 'succeeded', null],
  ]);
});

it('names orders that were on air and are not here, or were never sent by what is here', async () => {
  const answer = await tester.post('/v1/transmissions', { bidMsat: '10000', text: 'on air' });
  const { id } = openedTransmissionAnswer.parse(answer.json);
  const unknown = randomUUID();
  const told = [
    { kind: 'order', id, state: 'started' },
    { kind: 'order', id: unknown, state: 'ended' },
  ] as const;
  expect(await differencesOf(...told)).toEqual([
    [id, 'started', 'pending'],
    [unknown, 'ended', null],
  ]);
});
