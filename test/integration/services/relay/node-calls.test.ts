import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { inTransaction } from '../../../../db/transaction.js';
import { callRow, enqueue, finishCall } from '../../../../engine/outbox.js';
import { waitUntil } from '../../../support/wait-until.js';
import { counter, unpublished } from './fixture.helper.js';
import {
  addCalls,
  callOf,
  newHash,
  SlowNode,
  startNodeLoop,
  untilLeft,
  useNodeCalls,
} from './node-calls.helper.js';

const servers = useNodeCalls();

describe('a call to the node', () => {
  it('is made once, and marked', async () => {
    const [hash = ''] = await addCalls('create_invoice');
    const made: string[] = [];
    const { registry } = startNodeLoop((kind, of) => {
      made.push(`${kind} ${of}`);
      return Promise.resolve();
    });
    await untilLeft(0);
    expect(made).toEqual([`create_invoice ${hash}`]);
    const labels = { kind: 'create_invoice', result: 'done' };
    expect(await counter(registry, 'quittance_node_calls_total', labels)).toBe(1);
  });

  it('is open once for its kind and hash', async () => {
    const hash = newHash();
    const other = callRow('settle_invoice', hash);
    for (let n = 0; n < 2; n += 1) {
      await inTransaction(servers.database.pool, (tx) =>
        enqueue(tx, [callRow('cancel_invoice', hash), other]),
      );
    }
    expect(await unpublished(servers.database.pool)).toBe(2);
    // Not by agreement only.
    const again = servers.database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload) values ('node', 'cancel_invoice', $1, $1, '{}')`,
      [hash],
    );
    await expect(again).rejects.toMatchObject({ code: '23505' });
    await finishCall(servers.database.pool, 'cancel_invoice', hash);
    expect(await unpublished(servers.database.pool)).toBe(1);
    await inTransaction(servers.database.pool, (tx) =>
      enqueue(tx, [callRow('cancel_invoice', hash)]),
    );
    expect(await unpublished(servers.database.pool)).toBe(2);
  });

  it('that is born under a lease is left to its writer until that ends', async () => {
    const node = new SlowNode();
    const [mine] = await addCalls('create_invoice', 1, { leaseMs: 60_000 });
    const [abandoned] = await addCalls('create_invoice', 1, { leaseMs: 300 });
    startNodeLoop(node.makeCall);
    await node.untilBegun(1);
    expect(node.begun[0]?.hash).toBe(abandoned);
    expect((await callOf(mine))?.leased).toBe(true);
    await finishCall(servers.database.pool, 'create_invoice', mine ?? '');
    node.answer(1);
    await untilLeft(0);
    expect(node.begun).toHaveLength(1);
  });

  it('that is delayed waits', async () => {
    const node = new SlowNode();
    const [later] = await addCalls('look_up_invoice', 1, { delayMs: 3_600_000 });
    const [now] = await addCalls('look_up_invoice');
    startNodeLoop(node.makeCall);
    await node.untilBegun(1);
    expect(node.begun[0]?.hash).toBe(now);
    expect((await callOf(later))?.wait).toBeGreaterThan(3_000);
  });

  it('that fails is made again after growing times, and says why', async () => {
    const [hash] = await addCalls('create_invoice');
    startNodeLoop(() => Promise.reject(new Error('no route')));
    const row = await waitUntil('it failed three times', async () => {
      const found = await callOf(hash);
      return found?.attempts === 3 && found;
    });
    expect(row).toMatchObject({ error: 'Error: no route', done: false, leased: false });
    // 250 ms doubled twice, shortened by up to half.
    expect(row.wait).toBeGreaterThan(0.3);
    expect(row.wait).toBeLessThan(1.01);
  });
});

describe('a payment that is in flight', () => {
  it('is told of once, and then at level debug', async () => {
    const [hash] = await addCalls('send_payment');
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    startNodeLoop(() => Promise.reject(LightningError.unknown('in flight')), log);
    await waitUntil('it is asked three times', async () => (await callOf(hash))?.attempts === 3);
    expect(lines.filter((line) => line.includes(hash ?? ''))).toHaveLength(1);
  });
});

describe('many calls', () => {
  it('are bounded, with room kept for settling; the rest stays in PostgreSQL', async () => {
    const node = new SlowNode();
    await addCalls('create_invoice', 30);
    startNodeLoop(node.makeCall);
    await node.untilBegun(12);
    await addCalls('settle_invoice', 10);
    await waitUntil('settling has begun', () => node.count('settle_invoice') === 4);
    expect(node.begun).toHaveLength(16);
    const { rows } = await servers.database.pool.query(
      'select from outbox where leased_until is not null',
    );
    expect(rows).toHaveLength(16);
    // A place that is free goes to settling first.
    node.answer(1);
    await node.untilBegun(17);
    expect(node.count('settle_invoice')).toBe(5);
    expect(node.count('create_invoice')).toBe(12);
  });

  it('do not wait for a slow one', async () => {
    const [slow] = await addCalls('create_invoice');
    let end: () => void = () => undefined;
    const isStuck = new Promise<void>((resolve) => (end = resolve));
    startNodeLoop((_, hash) => (hash === slow ? isStuck : Promise.resolve()));
    for (let n = 0; n < 5; n += 1) {
      await addCalls('create_invoice', 20);
      await untilLeft(1);
    }
    end();
    await untilLeft(0);
  });

  it('begin by priority, and one take in five with the oldest', async () => {
    const node = new SlowNode();
    const blocking = await addCalls('create_invoice', 12);
    const { loop } = startNodeLoop(node.makeCall);
    await node.untilBegun(blocking.length);
    const [oldest] = await addCalls('cancel_invoice');
    await addCalls('create_invoice', 100);
    // Each place that becomes free is taken by one call.
    for (let n = 1; n <= 40 && node.count('cancel_invoice') === 0; n += 1) {
      node.answer(1);
      await node.untilBegun(blocking.length + n);
      loop.wake();
    }
    const place = node.begun.findIndex(({ hash }) => hash === oldest);
    expect(place).toBeGreaterThan(0);
    // Before its turn as well as before a hundred others.
    expect(node.count('create_invoice')).toBeLessThan(100);
  });
});
