import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenForMessages } from '../../../../services/cli/satellite/listen.js';
import { openMulticast } from '../../../../services/ground-station/multicast.js';
import { freePort } from '../../../../services/shared/free-port.js';
import { readConfirmation } from '../../../../services/shared/messages/confirmations.js';
import { waitUntil } from '../../../support/wait-until.js';
import { type StationHarness, stationHarness } from './harness.helper.js';

describe('a ground station', () => {
  let harness: StationHarness;
  beforeEach(async () => {
    harness = await stationHarness();
  });
  afterEach(() => harness.close());

  const subjects = async () => (await harness.confirmations()).map(({ subject }) => subject);
  const confirmationsAfter = (count: number) =>
    waitUntil(`${count} confirmations`, async () => {
      const confirmations = await harness.confirmations();
      return confirmations.length >= count ? confirmations : undefined;
    });
  const ended = (count: number) =>
    waitUntil(`${count} transmissions`, () => harness.outcomes.length >= count);

  it('sends a started message and confirms it, in the form that the relay applies', async () => {
    harness.messages.set(7, Buffer.from('hello'));
    await harness.start(4);
    const uuid = await harness.announce(7);
    const confirmations = await confirmationsAfter(2);
    expect(confirmations.map(({ id }) => id)).toEqual([
      'station/42/7/1/tx/4',
      'station/42/7/1/rx/4',
    ]);
    expect(confirmations.map(({ body, subject }) => readConfirmation(body, subject))).toEqual([
      { kind: 'tx', region: 4, txSeqNum: 7 },
      { kind: 'rx', region: 4, txSeqNum: 7 },
    ]);
    expect(confirmations[0]?.body.uuid).toBe(uuid);
  });

  it('does not confirm reception in a region without a receiver', async () => {
    harness.messages.set(1, Buffer.from('hello'));
    await harness.start(2);
    await harness.announce(1);
    await ended(1);
    expect(await subjects()).toEqual(['confirmations.tx.2']);
  });

  it('ignores messages for other regions', async () => {
    harness.messages.set(1, Buffer.from('one'));
    harness.messages.set(2, Buffer.from('two'));
    await harness.start(2);
    await harness.announce(1, { regions: [0, 1] });
    await harness.announce(2, { regions: [2] });
    await ended(1);
    expect((await harness.confirmations()).map(({ body }) => body.txSeqNum)).toEqual([2]);
    expect(harness.fetches).toEqual([2]);
  });

  it('sends an attempt once, and another attempt again', async () => {
    harness.messages.set(1, Buffer.from('hello'));
    await harness.start(3);
    await harness.announce(1);
    // As after a publication whose answer was lost, after JetStream's duplicate window.
    await harness.announce(1, { messageId: 'the-same-again' });
    await harness.announce(1, { attempt: 2 });
    await ended(2);
    expect((await harness.confirmations()).map(({ id }) => id)).toEqual([
      'station/42/1/1/tx/3',
      'station/42/1/2/tx/3',
    ]);
    expect(harness.fetches).toEqual([1, 1]);
  });

  it('does not confirm a message that is missing or different', async () => {
    harness.messages.set(2, Buffer.from('not what was announced'));
    harness.messages.set(3, Buffer.from('hello'));
    await harness.start(3);
    await harness.announce(1);
    await harness.announce(2, { digest: '0'.repeat(64) });
    await harness.announce(3);
    await ended(3);
    expect(harness.outcomes.map(({ outcome }) => outcome)).toEqual([
      'gone',
      'corrupt',
      'confirmed',
    ]);
    expect((await harness.confirmations()).map(({ body }) => body.txSeqNum)).toEqual([3]);
  });

  it('waits for an API that is down', async () => {
    harness.messages.set(1, 503);
    await harness.start(3);
    await harness.announce(1);
    await waitUntil('two tries', () => harness.fetches.length >= 2);
    expect(harness.outcomes).toEqual([]);
    harness.messages.set(1, Buffer.from('?'));
    await ended(1);
    expect(await subjects()).toEqual(['confirmations.tx.3']);
  });

  it('takes the time that the channel’s rate needs', async () => {
    harness.messages.set(1, Buffer.alloc(1000));
    // 1052 bytes at 1000 per second, ten times as fast.
    await harness.start(3, 10);
    const before = performance.now();
    await harness.announce(1);
    await ended(1);
    expect(performance.now() - before).toBeGreaterThan(105);
  });

  it('fails by its switches: what is not sent is not received', async () => {
    harness.messages.set(1, Buffer.from('hello'));
    harness.messages.set(2, Buffer.from('hello'));
    await harness.start(1);
    harness.misses.add({ region: 1, kind: 'tx', times: 1, txSeqNum: 2 });
    harness.misses.add({ region: 1, kind: 'rx', times: 1, txSeqNum: 2 });
    await harness.announce(2);
    await harness.announce(1);
    await harness.announce(2, { attempt: 2 });
    await harness.announce(2, { attempt: 3 });
    await ended(4);
    expect(harness.outcomes.map(({ outcome }) => outcome)).toEqual([
      'tx_missed',
      'confirmed',
      'rx_missed',
      'confirmed',
    ]);
    expect((await harness.confirmations()).map(({ id }) => id.slice('station/42/'.length))).toEqual(
      ['1/1/tx/1', '1/1/rx/1', '2/2/tx/1', '2/3/tx/1', '2/3/rx/1'],
    );
    expect(harness.misses.list()).toEqual([]);
  });

  it('does not finish its messages when it stops; its successor sends them', async () => {
    harness.messages.set(1, Buffer.alloc(1000));
    const slow = await harness.start(3, 1);
    await harness.announce(1);
    await waitUntil('it sends', () => harness.fetches.length === 1);
    await slow.stop();
    expect(harness.outcomes).toEqual([]);
    await harness.start(3);
    await ended(1);
    expect(await subjects()).toEqual(['confirmations.tx.3']);
  });

  it('begins with the last message of each channel, not with a month of old ones', async () => {
    for (const number of [1, 2, 3]) {
      harness.messages.set(number, Buffer.from('hello'));
      await harness.announce(number);
    }
    await harness.start(3);
    await ended(1);
    expect((await harness.confirmations()).map(({ body }) => body.txSeqNum)).toEqual([3]);
  });

  it('continues when its stream was lost', async () => {
    harness.messages.set(1, Buffer.from('hello'));
    harness.messages.set(2, Buffer.from('hello'));
    await harness.start(3);
    await harness.announce(1);
    await ended(1);
    const manager = await harness.nc.jetstreamManager();
    await manager.streams.delete('TRANSMISSIONS');
    await waitUntil(
      'the station makes it again',
      () => manager.consumers.info('TRANSMISSIONS', 'station-3').catch(() => undefined),
      30_000,
    );
    await harness.announce(2);
    await ended(2);
  });

  it('terminates a message that it cannot read, and continues', async () => {
    harness.messages.set(1, Buffer.from('hello'));
    await harness.start(3);
    const js = harness.nc.jetstream();
    await js.publish('transmissions.1.started', 'nonsense');
    await js.publish('transmissions.9.started', '{}');
    await harness.announce(1);
    await ended(1);
    expect(harness.outcomes).toEqual([{ region: 3, outcome: 'confirmed' }]);
  });

  it('confirms over HTTP with its token where it is told to', async () => {
    harness.messages.set(3, Buffer.from('hello'));
    await harness.start(0, 1_000_000, { confirms: 'http' });
    await harness.announce(3);
    await ended(1);
    expect(harness.posted).toEqual([
      '/order/tx/3 Bearer a-token regions=[0]',
      '/order/rx/3 Bearer a-token region=0',
    ]);
    expect(await subjects()).toEqual([]);
  });

  it('multicasts what it sends, in packets that a receiver puts together', async () => {
    const message = Buffer.alloc(5_000, 'satellite');
    harness.messages.set(9, message);
    const port = await freePort('127.0.0.1', 4433);
    const folder = await mkdtemp(join(tmpdir(), 'quittance-listen-'));
    let listening: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (listening = resolve));
    const received = listenForMessages({
      ...{ group: '239.0.0.2', port, networkInterface: '127.0.0.1', once: true, folder },
      report: listening,
      onStop: () => undefined,
    });
    await ready;
    const logger = pino({ level: 'silent' });
    const multicast = await openMulticast(`239.0.0.2:${port}`, logger);
    await harness.start(2, 1_000_000, { multicast });
    await harness.announce(9);
    await received;
    expect(await readFile(join(folder, '1-9'))).toEqual(message);
    await multicast.close();
    await rm(folder, { recursive: true });
  });
});
