import { afterAll, beforeAll } from 'vitest';
import { invoices } from './satellite/invoices.cases.js';
import { messages } from './satellite/messages.cases.js';
import { orders } from './satellite/orders.cases.js';
import { queues } from './satellite/queues.cases.js';
import { RunningSatellite } from './satellite/running-satellite.helper.js';
import { transmitter } from './satellite/transmitter.cases.js';
import { wire } from './satellite/wire.cases.js';

/** The Satellite API as its peer's users and tests meet it: a process of its own, started with the peer's environment, over HTTP. */
let api: RunningSatellite | undefined;
beforeAll(async () => {
  // Long enough for each step of a test, short enough to be waited for.
  api = await RunningSatellite.start({ QUITTANCE_CHANNELS: '1.timeout=5' });
});
afterAll(() => api?.stop());

const running = (): RunningSatellite => {
  if (api === undefined) throw new Error('it does not run');
  return api;
};
orders(running);
messages(running);
invoices(running);
queues(running);
transmitter(running);
wire(running);
