import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { decidePayment } from '../../../../engine/operator/decide-payment.js';
import { forget } from '../../../../simulators/lightning/store/forget.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture } from './fixture.helper.js';
import { type Account, Withdrawing } from './withdrawing.helper.js';

/** Payments that somebody has deleted at the node, while the answer of their only send was lost. On lnd: adapters/lightning/on-lnd. */
let fixture: ActionFixture;
let at: Withdrawing;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  at = await Withdrawing.on(fixture);
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

interface Paid {
  readonly account: Account;
  readonly id: string;
  readonly hash: PaymentHash;
  readonly preimage: string;
}

/** The node has paid it, the answer was lost, and the payment is deleted. */
async function paidAndDeleted(): Promise<Paid> {
  const account = await at.rich();
  const { hash, bolt11 } = await at.invoice();
  const { view } = await at.open(account, bolt11);
  fixture.node.failNext('sendPayment', 'answer_lost');
  expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
  const { preimage = '' } = (await fixture.node.lookupPayment(hash)) ?? {};
  await forget(fixture.pool, hash);
  expect(await at.sends(hash)).toEqual([null]);
  return { account, id: view.id, hash, preimage };
}

/** One that succeeded at the node before. */
async function before(): Promise<PaymentHash> {
  const { hash, bolt11 } = await at.invoice();
  await at.open(await at.rich(), bolt11);
  await at.send(hash);
  return hash;
}

const stateOf = async (id: string): Promise<string> => (await fixture.view(id)).state;

it('what the watcher has seen succeed is booked, and not sent again', async () => {
  const { account, id, hash, preimage } = await paidAndDeleted();
  await fixture.pool.query(
    `insert into lightning_journal (node, hash, type, state, payment_index, at, fee_msat, preimage)
     values ('any', $1, 'payment', 'succeeded', 1, now(), 1000, $2)`,
    [hash, preimage],
  );
  expect(await at.send(hash)).toBeUndefined();
  expect([await stateOf(id), await at.sends(hash)]).toEqual(['PAID', [null]]);
  expect(await at.sats(account)).toBe(899_000n);
});

it('where the node does not know the one before either, it is neither sent again nor given back, until an operator decides', async () => {
  const earlier = await before();
  const { account, id, hash, preimage } = await paidAndDeleted();
  const reserved = await at.sats(account);
  await forget(fixture.pool, earlier);
  for (let n = 0; n < 2; n += 1) expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
  expect([await stateOf(id), await at.sends(hash)]).toEqual(['WITHDRAWING', [null]]);
  expect(await at.sats(account)).toBe(reserved);
  expect(await fixture.count(`payments where hash = $1 and forgotten_at is not null`, [hash])).toBe(
    1,
  );
  await decidePayment(fixture.engine, id, { preimage });
  expect(await stateOf(id)).toBe('PAID');
});

it('a send that was lost is made again where the node knows the one before, also after one that an operator has decided', async () => {
  const earlier = await before();
  const decided = await paidAndDeleted();
  await forget(fixture.pool, earlier);
  await at.send(decided.hash);
  await decidePayment(fixture.engine, decided.id, { preimage: decided.preimage });
  await before();
  const decidedLast = await fixture.pool.query(
    'update payments set changed_at = clock_timestamp() where hash = $1',
    [decided.hash],
  );
  expect(decidedLast.rowCount).toBe(1);
  const { hash, bolt11 } = await at.invoice();
  const { view } = await at.open(await at.rich(), bolt11);
  fixture.node.failNext('sendPayment', 'request_lost');
  expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
  expect(await at.sends(hash)).toEqual([null]);
  await at.send(hash);
  expect([await stateOf(view.id), await at.sends(hash)]).toEqual(['PAID', [null, 'succeeded']]);
});
