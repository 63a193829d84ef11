import { connect, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../simulators/lightning/faults/random.js';
import { ensureStreams } from '../../../../services/shared/streams.js';
import {
  invoiceUpdateSchema,
  outgoingUpdateSchema,
} from '../../../../services/shared/messages/payments.js';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  type Fixture,
  held,
  nodeFixture,
  SATS,
  sending,
} from '../../simulators/lightning/fixture.helper.js';
import {
  breakLock,
  caughtUp,
  moveCursor,
  payOne,
  type RunningWatcher,
  startWatcher,
  storedCursor,
  storedFor,
} from './watching.helper.js';

let fixture: Fixture;
let proxy: TcpProxy;
/** To NATS itself, and through the proxy. */
let direct: NatsConnection;
let nats: NatsConnection;
let running: RunningWatcher[];

const start = async (): Promise<RunningWatcher> => {
  const watcher = await startWatcher(fixture, nats);
  running.push(watcher);
  return watcher;
};
const watching = (watcher: RunningWatcher) => waitUntil('the watcher', () => watcher.watching());

beforeAll(async () => {
  const url = new URL(process.env['NATS_URL'] ?? '');
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  direct = await connect({ servers: url.host });
  await ensureStreams(direct);
});
beforeEach(async () => {
  running = [];
  fixture = await nodeFixture();
  nats = await connect({
    servers: `127.0.0.1:${proxy.port}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
});
afterEach(async () => {
  proxy.restore();
  await Promise.all(running.map((watcher) => watcher.stop()));
  await nats.close();
  await fixture.close();
});
afterAll(async () => {
  await direct.close();
  await proxy.close();
});

describe('a watcher', () => {
  test('publishes the updates of an invoice with all that a consumer needs', async () => {
    await start();
    const { hash, preimage } = await held(fixture);
    await fixture.sim.node.settleInvoice(preimage);
    await caughtUp(fixture);
    const { publicKey } = await fixture.sim.node.info();
    const messages = await storedFor(direct, hash);
    expect(messages).toMatchObject([
      { subject: `payments.invoice.${hash}.held`, id: `${publicKey}/42/1`, epoch: '42' },
      { subject: `payments.invoice.${hash}.settled`, id: `${publicKey}/42/2`, epoch: '42' },
    ]);
    expect(invoiceUpdateSchema.parse(messages[0]?.body)).toEqual({
      hash,
      state: 'held',
      receivedMsat: SATS(100),
      at: expect.any(Date) as Date,
      node: publicKey,
      cursor: 1n,
    });
    expect(messages[1]?.body).toMatchObject({ state: 'settled', receivedMsat: '100000' });
  });

  test('publishes the outcome of an outgoing payment', async () => {
    await start();
    const mint = async (outcome: 'succeed' | 'fail') => {
      const request = { amountMsat: SATS(10), expirySeconds: 60, memo: '' };
      const { bolt11, hash } = await fixture.sim.wallets.createInvoice('alice', request, outcome);
      await fixture.sim.node.sendPayment(sending({ bolt11, hash }));
      return hash;
    };
    const [good, bad] = [await mint('succeed'), await mint('fail')];
    await caughtUp(fixture);
    const [succeeded] = await storedFor(direct, good);
    expect(succeeded?.subject).toBe(`payments.outgoing.${good}.succeeded`);
    expect(outgoingUpdateSchema.parse(succeeded?.body)).toMatchObject({ feeMsat: 1000n });
    const [failed] = await storedFor(direct, bad);
    expect(failed?.subject).toBe(`payments.outgoing.${bad}.failed`);
    expect(outgoingUpdateSchema.parse(failed?.body)).toMatchObject({
      failure: 'rejected',
    });
  });

  test('resumes where the last one stopped', async () => {
    const first = await start();
    const before = await payOne(fixture);
    await caughtUp(fixture);
    await first.stop();
    const between = await payOne(fixture);
    await start();
    const after = await payOne(fixture);
    await caughtUp(fixture);
    for (const [index, hash] of [before, between, after].entries()) {
      expect(await storedFor(direct, hash)).toMatchObject([{ body: { cursor: `${index + 1}` } }]);
    }
  });

  test('publishes again what a watcher that died may have skipped', async () => {
    const first = await start();
    await payOne(fixture);
    await caughtUp(fixture);
    await first.stop();
    const skipped = await payOne(fixture);
    await payOne(fixture);
    await moveCursor(fixture, 3n);
    await start();
    await waitUntil('the skipped one', async () => {
      return (await storedFor(direct, skipped)).length === 1;
    });
    expect(await storedCursor(fixture)).toBe(3n);
  });

  test('resumes when the node comes back', async () => {
    await watching(await start());
    await fixture.restart();
    const hash = await payOne(fixture);
    await caughtUp(fixture);
    expect(await storedFor(direct, hash)).toHaveLength(1);
  });

  test('loses nothing while NATS is down, and keeps the lock', async () => {
    const watcher = await start();
    await watching(watcher);
    proxy.cut();
    const hashes = [await payOne(fixture), await payOne(fixture)];
    expect(await storedCursor(fixture)).toBe(0n);
    expect(watcher.watching()).toBe(true);
    proxy.restore();
    await caughtUp(fixture);
    for (const hash of hashes) expect(await storedFor(direct, hash)).toHaveLength(1);
  });
});

describe('of two watchers', () => {
  test('one watches; the other takes over when it stops', async () => {
    const first = await start();
    await watching(first);
    const second = await start();
    await payOne(fixture);
    await caughtUp(fixture);
    expect(second.watching()).toBe(false);
    await first.stop();
    await watching(second);
    const hash = await payOne(fixture);
    await caughtUp(fixture);
    expect(await storedFor(direct, hash)).toHaveLength(1);
  });

  test('one that loses its lock stops at once, even while it publishes an event', async () => {
    const first = await start();
    await watching(first);
    proxy.cut();
    const hash = await payOne(fixture);
    await breakLock(fixture);
    await waitUntil('the watcher to stop', () => !first.watching());
    expect(await storedCursor(fixture)).toBe(0n);
    const stopping = first.stop();
    proxy.restore();
    await stopping;
    await watching(await start());
    await caughtUp(fixture);
    expect(await storedFor(direct, hash)).toHaveLength(1);
  });

  test('the other takes over when the lock is lost', async () => {
    const both = [await start(), await start()];
    await waitUntil('a watcher', () => both.some((one) => one.watching()));
    for (let round = 0; round < 5; round += 1) {
      await breakLock(fixture);
      const hash = await payOne(fixture);
      await caughtUp(fixture);
      expect(await storedFor(direct, hash)).toHaveLength(1);
    }
    await waitUntil('one watcher', () => both.filter((one) => one.watching()).length === 1);
  });
});

describe('of a node with faults, a watcher', () => {
  test('stores doubled events once, and reordered ones all', async () => {
    await fixture.sim.control.setFaults({ events: { double: 0.5, reorder: 0.5 } });
    const hashes: string[] = [];
    for (let paid = 0; paid < 10; paid += 1) hashes.push(await payOne(fixture));
    await start();
    await caughtUp(fixture);
    for (const hash of hashes) {
      await waitUntil('the event', async () => (await storedFor(direct, hash)).length === 1);
    }
    expect(await storedCursor(fixture)).toBe(10n);
  });

  test('publishes a repeated event twice', async () => {
    await fixture.sim.control.setFaults({ events: { repeat: 1 } });
    await start();
    const hash = await payOne(fixture);
    await caughtUp(fixture);
    const messages = await storedFor(direct, hash);
    expect(messages).toHaveLength(2);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
  });

  test('continues after dropped events, which are not published', async () => {
    const hashes: string[] = [];
    for (let paid = 0; paid < 12; paid += 1) hashes.push(await payOne(fixture));
    await fixture.sim.control.setFaults({ seed: 1, events: { drop: 0.5 } });
    const random = seededRandom(1);
    const survives = hashes.map(() => random() >= 0.5);
    await start();
    const last = BigInt(survives.lastIndexOf(true) + 1);
    await waitUntil('the last that is left', async () => (await storedCursor(fixture)) === last);
    for (const [index, hash] of hashes.entries()) {
      expect(await storedFor(direct, hash)).toHaveLength(survives[index] === true ? 1 : 0);
    }
  });
});
