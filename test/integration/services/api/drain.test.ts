import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QuittanceClient } from '@quittance/sdk';
import { EventFeed } from '../../../../services/api/satellite/event-feed.js';
import { waitUntil } from '../../../support/wait-until.js';
import { EventReader } from './event-reader.helper.js';
import { startPages } from './pages/pages.helper.js';
import { type ApiTester, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeEach(async () => {
  tester = await startPages({ eventStreams: { events: new EventFeed() } });
});
afterEach(() => tester.close());

describe('an API that stops', () => {
  it('answers requests in progress and accepts no more connections', async () => {
    const { app, simulator, url } = tester.api;
    await simulator.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'slow', ms: 500 }],
    });
    const client = new QuittanceClient({ baseUrl: url, retries: 0 });
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    const dropped = once(silent, 'close');
    await once(silent, 'connect');
    const underWay = client.openAction(NEW_POST);
    await waitUntil('the action to be opened', async () => (await tester.count('actions')) === 1);
    const closed = app.close();
    await waitUntil('it to stop listening', () => !app.server.listening);
    await expect(client.listItems()).rejects.toThrow('no answer');
    expect(await underWay).toMatchObject({ action: { state: 'PENDING_HELD' } });
    const answeredAt = performance.now();
    await closed;
    await dropped;
    expect(performance.now() - answeredAt).toBeLessThan(2_000);
  });

  it('ends the streams of every kind at once', async () => {
    const { app, url } = tester.api;
    const headers = await tester.account(100_000n);
    const { result } = await tester.open(headers);
    const { attempts } = await tester.open({}, { ...NEW_POST, payment: 'invoice' });
    const hash = attempts.at(-1)?.invoice?.hash ?? '';
    const readers = await Promise.all([
      EventReader.open(`${url}/v1/events`, headers),
      EventReader.open(`${url}/v1/items/${String(result['itemId'])}/events`),
      EventReader.open(`${url}/subscribe/transmissions`),
      EventReader.open(`${url}/pay/${hash}/events`),
    ]);
    const closedAt = performance.now();
    await app.close();
    expect(performance.now() - closedAt).toBeLessThan(2_000);
    await waitUntil('all to end', () => readers.every(({ ended }) => ended));
  });
});
