import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuittanceClient } from '@quittance/sdk';
import { waitUntil } from '../../../support/wait-until.js';
import { ApiTester, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

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
});
