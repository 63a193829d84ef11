import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  outboxAnswer,
  stuckAnswer,
  transitionsAnswer,
} from '../../../../services/api/v1/wire/operator.js';
import { inTransaction } from '../../../../db/transaction.js';
import { callRow, enqueue } from '../../../../engine/outbox.js';
import { ApiTester } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

const stuck = async (query: string) => {
  const answer = await tester.get(`/v1/operator/stuck?${query}`, tester.operator);
  expect(answer.status, answer.text).toBe(200);
  return stuckAnswer.parse(answer.json);
};

describe('the operator routes', () => {
  it('list attempts and orders past their deadline, longest overdue first', async () => {
    const author = await tester.account();
    const actions = [
      await tester.open(author),
      await tester.open(author),
      await tester.open(author),
    ];
    const order = await tester.ask({
      method: 'POST',
      url: '/order',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'bid=10000&message=hello',
    });
    expect(order.status, order.text).toBe(200);
    expect((await stuck('')).processes).toEqual([]);
    await tester.api.pool.query(
      `update attempts set due_at = now() - interval '1 minute' where action_id = any($1)`,
      [actions.map(({ id }) => id)],
    );
    await tester.api.pool.query(`update orders set due_at = now() - interval '1 hour'`);

    const { processes, outbox } = await stuck('');
    expect(processes.map(({ machine }) => machine)).toEqual([
      'order',
      'attempt',
      'attempt',
      'attempt',
    ]);
    expect(processes[0]).toMatchObject({
      state: 'pending',
      workflowId: `order/${processes[0]?.subject ?? ''}`,
    });
    expect(processes[0]?.overdueSeconds).toBeGreaterThan(3_599);
    expect(processes[0]?.tries).toBe(0);
    for (const { id } of actions) {
      expect(processes).toContainEqual(
        expect.objectContaining({
          subject: `${id}/1`,
          state: 'PENDING',
          workflowId: `action/${id}/1`,
          mend: `quittance action show ${id}`,
        }),
      );
    }
    expect(outbox.find(({ destination }) => destination === 'temporal')?.backlog).toBe(4);

    const paged: string[] = [];
    let query = 'limit=1';
    for (;;) {
      const page = await stuck(query);
      paged.push(...page.processes.map(({ subject }) => subject));
      if (page.nextCursor === null) break;
      query = `limit=1&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual(processes.map(({ subject }) => subject));
  });

  it('list calls to the node that wait for long or failed often', async () => {
    const { id } = await tester.open(await tester.account());
    const { pool } = tester.api;
    const { rows } = await pool.query<{ hash: string }>(
      'select hash from invoices where action_id = $1',
      [id],
    );
    const hash = rows[0]?.hash ?? '';
    await inTransaction(pool, (tx) =>
      enqueue(tx, [
        callRow('settle_invoice', hash),
        callRow('cancel_invoice', hash),
        callRow('look_up_invoice', hash, { delayMs: 60_000 }),
        callRow('create_invoice', 'f'.repeat(64)),
      ]),
    );
    expect((await stuck('')).calls).toEqual([]);
    await pool.query(
      `update outbox set due_since = now() - interval '1 minute' where kind = 'settle_invoice'`,
    );
    await pool.query(
      `update outbox set attempts = 6, last_error = 'no route' where kind = 'create_invoice'`,
    );
    const { calls } = await stuck('');
    expect(calls).toMatchObject([
      { kind: 'settle_invoice', hash, tries: 0, mend: `quittance action show ${id}` },
      { kind: 'create_invoice', tries: 6, lastError: 'no route', mend: null },
    ]);
    await pool.query(`delete from outbox where destination = 'node'`);
  });

  it('list the rows of the outbox, without payloads', async () => {
    await tester.open(await tester.account());
    const answer = await tester.get('/v1/operator/outbox?limit=2', tester.operator);
    const first = outboxAnswer.strict().parse(answer.json);
    expect(first.rows).toHaveLength(2);
    const next = await tester.get(
      `/v1/operator/outbox?cursor=${first.nextCursor ?? ''}`,
      tester.operator,
    );
    const ids = [...first.rows, ...outboxAnswer.parse(next.json).rows].map(({ id }) => Number(id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(ids).toHaveLength(await tester.count('outbox where published_at is null'));
  });

  it('list every state change of an attempt', async () => {
    const { id } = await tester.failed(await tester.account());
    const path = `/v1/operator/transitions/attempt/${encodeURIComponent(`${id}/1`)}`;
    const answer = await tester.get(path, tester.operator);
    const { transitions } = transitionsAnswer.parse(answer.json);
    expect(transitions.map(({ toState }) => toState)).toEqual([
      'INVOICING',
      'PENDING',
      'CANCELLING',
      'FAILED',
    ]);
    expect(transitions[2]).toMatchObject({ event: 'cancel_requested', reason: 'USER_CANCELLED' });
    const page = transitionsAnswer.parse(
      (await tester.get(`${path}?limit=3`, tester.operator)).json,
    );
    const rest = await tester.get(`${path}?cursor=${page.nextCursor ?? ''}`, tester.operator);
    expect(transitionsAnswer.parse(rest.json).transitions).toEqual(transitions.slice(3));
  });
});
