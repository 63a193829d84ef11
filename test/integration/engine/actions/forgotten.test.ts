import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { decidePayment } from '../../../../engine/operator/decide-payment.js';
import { forget } from '../../../../simulators/lightning/store/forget.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture } from './fixture.helper.js';
import { passTime } from './passing-time.helper.js';
import { type Account, Withdrawing } from './withdrawing.helper.js';

let fixture: ActionFixture;
let at: Withdrawing;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  at = await Withdrawing.on(fixture);
});
afterEach(() => {
  fixture.node.sendsAheadMs = 0;
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

interface Begun {
  readonly account: Account;
  readonly id: string;
  readonly hash: PaymentHash;
}

/** A withdrawal that is in flight. */
async function inFlight(): Promise<Begun> {
  const account = await at.rich();
  const { hash, bolt11 } = await at.invoice(100_000n, 'hang');
  const { view } = await at.open(account, bolt11);
  await at.send(hash);
  expect(await at.sends(hash)).toEqual(['in_flight']);
  return { account, id: view.id, hash };
}

const isForgotten = async (hash: PaymentHash): Promise<boolean> =>
  (await fixture.count(`payments where hash = $1 and forgotten_at is not null`, [hash])) === 1;

const stateOf = async (id: string): Promise<string> => (await fixture.view(id)).state;

const decide = (id: string, preimage?: string): Promise<unknown> =>
  decidePayment(fixture.engine, id, preimage === undefined ? {} : { preimage });

describe('a payment that the node has begun and does not know any more', () => {
  it('is an alarm, never sent again; the proof that the payee was paid ends it', async () => {
    const { account, id, hash } = await inFlight();
    await fixture.wallets.decide('payee', hash, 'succeed');
    const { preimage = '' } = (await fixture.node.lookupPayment(hash)) ?? {};
    await forget(fixture.pool, hash);
    for (let n = 0; n < 3; n += 1) {
      expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
    }
    expect(await at.sends(hash)).toEqual(['in_flight']);
    expect([await stateOf(id), await isForgotten(hash)]).toEqual(['WITHDRAWING', true]);
    const refused = { code: 'payment.not_forgotten' };
    await expect(decide(id, 'ab'.repeat(32))).rejects.toMatchObject(refused);
    await expect(decide(id)).rejects.toMatchObject(refused);
    await decide(id, preimage);
    expect(await stateOf(id)).toBe('PAID');
    // What routing cost is not known to be more than nothing.
    expect(await at.sats(account)).toBe(900_000n);
    await expect(decide(id, preimage)).rejects.toMatchObject({ code: 'payment.not_found' });
  });

  it('is given back by an operator’s word, a minute after its invoice has expired', async () => {
    const { account, id, hash } = await inFlight();
    await fixture.wallets.decide('payee', hash, 'fail');
    await forget(fixture.pool, hash);
    await at.send(hash);
    await passTime(fixture, hash, 3_650);
    await expect(decide(id)).rejects.toThrow('has not expired for a minute');
    await passTime(fixture, hash, 61);
    await at.send(hash);
    expect(await stateOf(id)).toBe('WITHDRAWING');
    await decide(id);
    expect([await stateOf(id), await at.sats(account)]).toEqual(['FAILED', 1_000_000n]);
  });

  it('is the node’s to decide while it knows the payment', async () => {
    const { id, hash } = await inFlight();
    await expect(decide(id)).rejects.toMatchObject({
      ...{ code: 'payment.not_forgotten', detail: 'the node says that it is in_flight' },
    });
    await fixture.wallets.decide('payee', hash, 'succeed');
    await at.send(hash);
    expect(await stateOf(id)).toBe('PAID');
  });
});

describe('a failed payment that the node has deleted', () => {
  it('has failed, where every send says so', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice(100_000n, 'fail');
    const { view } = await at.open(account, bolt11);
    fixture.node.before.set('lookupPayment', () => forget(fixture.pool, hash));
    await at.send(hash);
    expect(await at.sends(hash)).toEqual(['failed']);
    expect([await stateOf(view.id), await at.sats(account)]).toEqual(['FAILED', 1_000_000n]);
  });
});
