import { randomUUID } from 'node:crypto';
import { paymentStoryAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pay, settledLate } from './paying.helper.js';
import { ApiTester, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterEach(() => tester.api.simulator.control.clearFaults());
afterAll(() => tester.close());

const storyOf = async (id: string) => {
  const answer = await tester.get(`/v1/operator/payments/${id}`, tester.operator);
  expect(answer.status, answer.text).toBe(200);
  return paymentStoryAnswer.strict().parse(answer.json);
};

/** Keys of all entries whose keys begin with one of these, in their order. */
async function entryKeys(...prefixes: string[]): Promise<string[]> {
  const { rows } = await tester.api.pool.query<{ key: string }>(
    'select key from entries where key like any($1) order by id',
    [prefixes.map((prefix) => `${prefix}/%`)],
  );
  return rows.map(({ key }) => key);
}

describe('the story of a payment', () => {
  it('tells of a paid attempt whose cost came from credits and an invoice', async () => {
    const zapper = await tester.account(40_000n, 'zapper');
    const zap = { type: 'ZAP', args: { itemId: await tester.paidPost(), sats: 100 } };
    const { id } = await tester.open(zapper, zap);
    const [waiting] = (await storyOf(id)).attempts;
    expect(waiting).toMatchObject({
      ...{ workflowId: `action/${id}/1`, attempt: 1, flow: 'optimistic', state: 'PENDING' },
      ...{ sweeps: 0, sweptAt: null, typeFailures: 0 },
    });
    expect(waiting?.deadlineAt).toBe(waiting?.dueAt);
    const bolt11 = await tester.api.pool.query<{ bolt11: string }>(
      'select bolt11 from invoices where action_id = $1',
      [id],
    );
    await pay(tester, bolt11.rows[0]?.bolt11);

    // In any letter case.
    const story = await storyOf(id.toUpperCase());
    expect(story).toMatchObject({
      ...{ kind: 'action', id, state: 'PAID', about: 'ZAP', actor: 'zapper', costMsat: '100000' },
      claims: [],
    });
    const [attempt] = story.attempts;
    expect(attempt?.transitions.map(({ event, toState }) => `${event} ${toState}`)).toEqual([
      'opened INVOICING',
      'invoice_created PENDING',
      'settled PAID',
    ]);
    expect(attempt).toMatchObject({ dueAt: null, deadlineAt: null, reason: null });
    const legs = attempt?.legs.map(
      ({ side, kind, asset, holder, actualMsat }) =>
        `${side} ${kind} ${asset} ${holder ?? '-'} ${actualMsat ?? '-'}`,
    );
    expect(legs?.slice(0, 2)).toEqual([
      'in BALANCE CREDITS zapper 40000',
      'in INVOICE SATS outside 60000',
    ]);
    expect(legs?.some((leg) => leg.startsWith('conversion CONVERSION'))).toBe(true);
    expect(attempt?.legs.every(({ actualMsat }) => actualMsat !== null)).toBe(true);
    const [invoice] = attempt?.invoices ?? [];
    expect(invoice).toMatchObject({
      ...{ kind: 'ordinary', state: 'settled', amountMsat: '60000', receivedMsat: '60000' },
      node: { answer: 'known', state: 'settled', receivedMsat: '60000', error: null },
    });
    expect(invoice?.bolt11).toMatch(/^lnbcrt.{18}….{8}$/);
    expect(story.ledger.map(({ key }) => key)).toEqual(await entryKeys(`action/${id}`));
    expect(story.ledger).toHaveLength(2);
    for (const { postings } of story.ledger) {
      for (const asset of ['CREDITS', 'SATS']) {
        const lines = postings.filter((line) => line.asset === asset);
        expect(lines.reduce((sum, { amountMsat }) => sum + BigInt(amountMsat), 0n)).toBe(0n);
      }
    }
    expect(story.outbox.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['start', 'event']),
    );
    for (const { tries, lastError } of story.outbox) expect([tries, lastError]).toEqual([0, null]);
  });

  it('tells of failed attempts, and of what is owed and who collected it', async () => {
    const { id, capability = '' } = await tester.open({});
    const proof = { 'quittance-capability': capability };
    await tester.post(`/v1/actions/${id}/cancel`, {}, proof);
    const failed = await storyOf(id);
    expect(failed).toMatchObject({ state: 'FAILED', actor: null, ledger: [], claims: [] });
    expect(failed.attempts[0]).toMatchObject({
      ...{ state: 'FAILED', reason: 'USER_CANCELLED', flow: 'pessimistic' },
      invoices: [{ kind: 'hold', state: 'canceled', node: { answer: 'known', state: 'canceled' } }],
    });
    expect(failed.attempts[0]?.transitions[2]).toMatchObject({
      ...{ event: 'cancel_requested', toState: 'CANCELLING', reason: 'USER_CANCELLED' },
    });
    expect(failed.attempts[0]?.legs.every(({ actualMsat }) => actualMsat === null)).toBe(true);

    await settledLate(tester, failed.attempts[0]?.invoices[0]?.hash ?? '', 10_000n);
    const headers = await tester.account(0n, 'collector');
    await tester.post(`/v1/actions/${id}/claims/collect`, {}, { ...headers, ...proof });
    const story = await storyOf(id);
    expect(story.claims).toMatchObject([
      { attempt: 1, amountMsat: '10000', state: 'collected', collectedBy: 'collector' },
    ]);
    const keys = await entryKeys(`action/${id}`, `claims/${id}`);
    expect(keys).toHaveLength(2);
    expect(story.ledger.map(({ key }) => key)).toEqual(keys);
    expect(story.ledger[1]?.postings).toContainEqual({
      ...{ holder: 'collector', asset: 'CREDITS', amountMsat: '10000' },
    });
  });

  it('tells that the node is away, or does not answer in time', async () => {
    const author = await tester.account();
    const { simulator } = tester.api;
    await simulator.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'unavailable' }],
    });
    const answer = await tester.post('/v1/actions', NEW_POST, author);
    const { id } = z.object({ id: z.string() }).parse(answer.json);
    await tester.api.pool.query(
      `update outbox set attempts = 7, last_error = 'no route' where kind = 'create_invoice' and published_at is null`,
    );
    const unknown = await storyOf(id);
    expect(unknown.attempts[0]).toMatchObject({
      state: 'INVOICING',
      invoices: [{ state: 'wanted', bolt11: null, node: { answer: 'unknown_hash', state: null } }],
    });
    expect(unknown.outbox).toContainEqual(
      expect.objectContaining({ kind: 'create_invoice', tries: 7, lastError: 'no route' }),
    );
    await simulator.control.setFaults({
      rules: [{ operation: 'lookup_invoice', effect: 'unavailable' }],
    });
    const away = await storyOf(id);
    expect(away.attempts[0]?.invoices[0]?.node).toMatchObject({ answer: 'none', state: null });
    expect(away.attempts[0]?.invoices[0]?.node.error).toBeTruthy();
  });

  it('tells of an order', async () => {
    const placed = await tester.ask({
      ...{ method: 'POST', url: '/order', body: 'bid=10000&message=hello' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const order = z
      .object({ uuid: z.string(), lightning_invoice: z.object({ payreq: z.string() }) })
      .parse(placed.json);
    await pay(tester, order.lightning_invoice.payreq);
    const story = await storyOf(order.uuid);
    expect(story).toMatchObject({ kind: 'order', about: 'channel 1', costMsat: '10000' });
    expect(story.attempts).toMatchObject([
      {
        ...{ workflowId: `order/${order.uuid}`, attempt: null, flow: null, state: story.state },
        invoices: [{ state: 'settled', node: { answer: 'known', state: 'settled' } }],
      },
    ]);
    expect(story.attempts[0]?.transitions.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['opened', 'paid']),
    );
    expect(story.ledger.map(({ key }) => key)).toEqual(await entryKeys(`order/${order.uuid}`));
    expect(story.ledger.length).toBeGreaterThan(0);
  });

  it('has the newest 50 attempts, and of each the newest 200 state changes', async () => {
    const { id } = await tester.open(await tester.account());
    const { pool } = tester.api;
    await pool.query(
      `insert into attempts (action_id, attempt, flow, state, reason, cost_msat, due_at)
       select $1, n, 'optimistic', 'FAILED', 'INVOICE_EXPIRED', 1000, null from generate_series(2, 60) n`,
      [id],
    );
    await pool.query(
      `insert into transitions (machine, subject, event, from_state, to_state)
       select 'attempt', $1 || '/60', 'event ' || n, 'PENDING', 'FAILED' from generate_series(1, 250) n`,
      [id],
    );
    const { attempts } = await storyOf(id);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 11),
    );
    const events = attempts.at(-1)?.transitions.map(({ event }) => event) ?? [];
    expect(events).toHaveLength(200);
    expect([events[0], events.at(-1)]).toEqual(['event 51', 'event 250']);
  });

  it('is refused for an id of nothing', async () => {
    const url = `/v1/operator/payments/${randomUUID()}`;
    await tester.refuses({ method: 'GET', url, headers: tester.operator }, 'payment.not_found');
    const wrong = { method: 'GET', url: '/v1/operator/payments/x', headers: tester.operator };
    await tester.refuses({ ...wrong, method: 'GET' }, 'request.invalid');
  });
});
