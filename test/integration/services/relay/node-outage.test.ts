import { describe, expect, it } from 'vitest';
import { LightningError } from '../../../../adapters/lightning/port.js';
import type { MakeCall } from '../../../../services/relay/outbox/node/node-loop.js';
import { waitUntil } from '../../../support/wait-until.js';
import { unpublished } from './fixture.helper.js';
import {
  addCalls,
  callOf,
  SlowNode,
  startNodeLoop,
  untilLeft,
  useNodeCalls,
} from './node-calls.helper.js';

const servers = useNodeCalls();

describe('a node that is unavailable', () => {
  const unavailable = LightningError.unavailable('connection refused');

  it('is tried with one call after each pause, and gets the rest once it answers', async () => {
    const [first] = await addCalls('create_invoice');
    await addCalls('settle_invoice', 50);
    let isDown = true;
    let underway = 0;
    let most = 0;
    const times: number[] = [];
    startNodeLoop(async () => {
      times.push(performance.now());
      underway += 1;
      if (times.length > 16) most = Math.max(most, underway);
      await new Promise(setImmediate);
      underway -= 1;
      if (isDown) throw unavailable;
    });
    await waitUntil('it was tried several times', () => times.length >= 16 + 4);
    const pauses = times.slice(16).map((at, n) => at - (times[15 + n] ?? 0));
    expect(most).toBe(1);
    // 250 ms, doubled each time, shortened by up to half.
    for (const [n, pause] of pauses.slice(0, 3).entries())
      expect(pause).toBeGreaterThan(124 * 2 ** n);
    isDown = false;
    await waitUntil(
      'all are made',
      async () => (await unpublished(servers.database.pool)) === 0,
      30_000,
    );
    expect((await callOf(first))?.done).toBe(true);
  });

  it('as it seems from one call only, is asked for the others', async () => {
    const [bad] = await addCalls('settle_invoice');
    await addCalls('create_invoice', 20);
    startNodeLoop((_, hash) => (hash === bad ? Promise.reject(unavailable) : Promise.resolve()));
    await untilLeft(1);
    expect((await callOf(bad))?.error).toContain('connection refused');
  });
});

describe('two relays', () => {
  it('share the calls, each made once', async () => {
    const made: string[] = [];
    const makeCall: MakeCall = async (_, hash) => {
      made.push(hash);
      await new Promise(setImmediate);
    };
    startNodeLoop(makeCall);
    startNodeLoop(makeCall);
    const hashes = await addCalls('create_invoice', 200);
    await untilLeft(0);
    expect(made.sort()).toEqual(hashes.sort());
  });

  it('renew the lease of a call that takes long: the other does not make it', async () => {
    const node = new SlowNode();
    const [hash] = await addCalls('create_invoice');
    startNodeLoop(node.makeCall);
    startNodeLoop(node.makeCall);
    await node.untilBegun(1);
    const until = async (): Promise<Date | undefined> => {
      const { rows } = await servers.database.pool.query<{ at: Date }>(
        'select leased_until as at from outbox',
      );
      return rows[0]?.at;
    };
    const before = await until();
    await waitUntil(
      'its first lease would have ended',
      () => (before?.getTime() ?? 0) < Date.now(),
    );
    expect((await callOf(hash))?.leased).toBe(true);
    expect(node.begun).toHaveLength(1);
  });

  it('take over a call whose lease has ended; the mark of the first changes nothing', async () => {
    const slow = new SlowNode();
    const [hash] = await addCalls('create_invoice');
    startNodeLoop(slow.makeCall);
    await slow.untilBegun(1);
    await servers.database.pool.query('update outbox set leased_until = clock_timestamp()');
    const second = new SlowNode();
    startNodeLoop(second.makeCall);
    await second.untilBegun(1);
    slow.answer(1, new Error('too late'));
    await new Promise(setImmediate);
    second.answer(1);
    await untilLeft(0);
    expect(await callOf(hash)).toMatchObject({ attempts: 0, error: null, done: true });
  });
});
