import { randomUUID } from 'node:crypto';
import {
  collectedTransmissionAnswer,
  openedTransmissionAnswer,
  ownAccountAnswer,
  transmissionAnswer,
} from '@quittance/sdk/answers';
import { QuittanceClient } from '@quittance/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import type { RefusalCode } from '../../../../domain/refusal.js';
import { transact } from '../../../../engine/context.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { applyOrderUpdate } from '../../../../engine/transmissions/apply-order-update.js';
import { purseOf } from '../../../../engine/transmissions/purse.js';
import { brokenRules } from '../../../support/books.js';
import { type Answered, ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start();
  await tester.api.simulator.wallets.open('receiver', toMsat(0n));
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

interface Owing {
  readonly id: string;
  readonly url: string;
  readonly token: string;
  readonly proof: Headers;
}

/** A transmission whose invoice is paid after it was cancelled. */
async function owing(bidMsat = '200000'): Promise<Owing> {
  const answer = await tester.post('/v1/transmissions', { bidMsat, text: 'hello' });
  const { id, token } = openedTransmissionAnswer.parse(answer.json);
  const url = `/v1/transmissions/${id}`;
  const proof = { 'quittance-capability': token };
  await tester.post(`${url}/cancel`, {}, proof);
  const { engine, pool } = tester.api;
  const { rows } = await pool.query<{ hash: string }>(
    'select hash from invoices where order_id = $1',
    [id],
  );
  const receivedMsat = toMsat(BigInt(bidMsat));
  const update = { hash: rows[0]?.hash ?? '', state: 'settled', receivedMsat } as const;
  await transact(engine, (tx) => applyOrderUpdate(tx, id, update, 'other'));
  return { id, url, token, proof };
}

async function invoice(msat = 100_000n): Promise<{ bolt11: string; hash: string }> {
  const request = { amountMsat: toMsat(msat), expirySeconds: 600, memo: 'to be paid' };
  return tester.api.simulator.wallets.createInvoice('receiver', request);
}

const withdraw = ({ url, proof }: Owing, body: object, headers: Headers = {}): Promise<Answered> =>
  tester.post(`${url}/claims/withdraw`, body, { ...proof, ...headers });
const read = async ({ url, proof }: Owing) =>
  transmissionAnswer.strict().parse((await tester.get(url, proof)).json);

describe('what a transmission owes, paid to an invoice without an account', () => {
  it('the amount and the fee leave what is owed; what routing did not cost is owed again', async () => {
    const order = await owing();
    const { bolt11, hash } = await invoice();
    const answer = await withdraw(order, { bolt11 });
    expect(answer.status, answer.text).toBe(202);
    expect(transmissionAnswer.strict().parse(answer.json)).toMatchObject({
      owedMsat: '90000',
      withdrawals: [{ state: 'WITHDRAWING', amountMsat: '100000', feeMsat: null }],
    });
    await makeCall(tester.api.engine, 'send_payment', hash);
    expect(await read(order)).toMatchObject({
      owedMsat: '99000',
      withdrawals: [{ state: 'PAID', feeMsat: '1000', preimage: expect.any(String) as string }],
    });
    // And that is collected like the rest: to an account.
    const account = await tester.account();
    const headers = { ...account, ...order.proof, 'idempotency-key': randomUUID() };
    const collect = () => tester.post(`${order.url}/claims/collect`, { asset: 'SATS' }, headers);
    const answers = [await collect(), await collect()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const { json } of answers) {
      expect(collectedTransmissionAnswer.parse(json)).toMatchObject({ collectedMsat: '99000' });
    }
    const own = ownAccountAnswer.parse((await tester.get('/v1/accounts/me', account)).json);
    expect([own.satsMsat, (await read(order)).owedMsat]).toEqual(['99000', '0']);
  });

  it('never more than is owed, fee included; what is refused changes nothing', async () => {
    const order = await owing('109999');
    const { bolt11 } = await invoice();
    const asked = { method: 'POST', url: `${order.url}/claims/withdraw` } as const;
    const refuses = async (body: object, code: RefusalCode, headers: Headers = order.proof) => {
      await tester.refuses({ ...asked, body, headers }, code);
    };
    await refuses({ bolt11 }, 'transmission.unauthorized', {});
    await refuses({ bolt11 }, 'withdrawal.insufficient_sats');
    await refuses({ bolt11: 'no' }, 'withdrawal.invalid_invoice');
    expect(await tester.count(`order_purses where order_id = '${order.id}'`)).toBe(0);
    const exact = await withdraw(order, { bolt11, maxFeeMsat: '9999' });
    expect(exact.status, exact.text).toBe(202);
    await refuses({ bolt11: (await invoice()).bolt11 }, 'transmission.nothing_owed');
    await refuses({ bolt11 }, 'withdrawal.invoice_used');
  });

  it('at once, and with one key: once', async () => {
    const order = await owing('120000');
    const key = { 'idempotency-key': randomUUID(), 'quittance-client-secret': randomUUID() };
    const { bolt11 } = await invoice();
    const same = await Promise.all([1, 2, 3].map(() => withdraw(order, { bolt11 }, key)));
    expect(same.map(({ status }) => status).toSorted()).toEqual([200, 200, 202]);
    const other = await owing('120000');
    const invoices = await Promise.all([invoice(), invoice(), invoice()]);
    const answers = await Promise.all(
      invoices.map((one) => withdraw(other, { bolt11: one.bolt11 })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 402, 402]);
    expect([(await read(order)).owedMsat, (await read(other)).owedMsat]).toEqual([
      '10000',
      '10000',
    ]);
  });

  it('a payment that fails is owed again, and another invoice is paid', async () => {
    const order = await owing('120000');
    const first = await invoice();
    await tester.api.simulator.wallets.decide('receiver', first.hash, 'fail');
    expect((await withdraw(order, { bolt11: first.bolt11 })).status).toBe(202);
    await makeCall(tester.api.engine, 'send_payment', first.hash);
    expect(await read(order)).toMatchObject({
      owedMsat: '120000',
      withdrawals: [{ state: 'FAILED' }],
    });
    const second = await invoice();
    expect((await withdraw(order, { bolt11: second.bolt11 })).status).toBe(202);
    await makeCall(tester.api.engine, 'send_payment', second.hash);
    expect((await read(order)).withdrawals.map(({ state }) => state)).toEqual(['FAILED', 'PAID']);
  });

  it('the client does the same; the account of an order never has a token', async () => {
    const order = await owing();
    const client = new QuittanceClient({ baseUrl: tester.api.url });
    const { bolt11 } = await invoice();
    const options = { transmissionToken: order.token };
    const view = await client.transmissions.withdraw(order.id, { bolt11 }, options);
    expect(view.withdrawals).toHaveLength(1);
    await expect(
      tester.api.pool.query(
        `insert into api_tokens (token_hash, account_id) values (sha256('x'), $1)`,
        [purseOf(order.id)],
      ),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
