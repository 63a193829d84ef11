import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { otaBytes } from '../../../domain/transmissions/bid.js';
import { MESSAGES } from './messages.js';
import { type PlacedOrder, SatelliteClient, type SatelliteOrder } from './satellite-client.js';
import { expectThat } from './steps.js';
import type { DemoSetup } from './setup.js';

const startedSchema = z.looseObject({
  uuid: z.uuid(),
  tx_seq_num: z.number(),
  bid_per_byte: z.number(),
  regions: z.array(z.number()),
});
type Started = z.output<typeof startedSchema>;

const STARTED = 'transmissions.1.started';
const ENDED = 'transmissions.1.ended';
/** The station of region 1 (Eutelsat 113) does not send the third message the first time. */
const MISSED_REGION = 1;
const MISSED_INDEX = 2;

/** Ten messages on one channel: the highest bid is sent next, and one message is sent again. */
export async function transmitTen(setup: DemoSetup): Promise<void> {
  const { steps, events, context } = setup;
  steps.scenario('Ten messages on one channel');
  const satellite = new SatelliteClient(context.apiUrl);
  const orders = await steps.run('ten orders with different bids get ten invoices', () =>
    Promise.all(
      MESSAGES.map(({ text, bidPerByte }) => satellite.order(text, bidFor(text, bidPerByte))),
    ),
  );
  const missed = orders[MISSED_INDEX];
  expectThat(missed !== undefined, 'too few orders');
  await steps.run(`the station of region ${MISSED_REGION} is set to miss one message`, () =>
    missOne(context.stationUrl, missed.uuid),
  );
  const ours = new Set(orders.map(({ uuid }) => uuid));
  const isOurs = (payload: Record<string, unknown>): boolean => ours.has(String(payload['uuid']));

  await payLongestFirst(setup, orders, isOurs);
  const ended = await steps.run(
    'every region confirms all ten',
    () => events.collect(ENDED, isOurs, orders.length, 60_000),
    (all) => `${all.length} ended`,
  );
  expectThat(
    new Set(ended.map(({ payload }) => payload['uuid'])).size === orders.length,
    'a transmission ended twice',
  );
  const started = (await events.collect(STARTED, isOurs, orders.length + 1)).map(({ payload }) =>
    startedSchema.parse(payload),
  );
  await checkStarts(setup, started, missed);
  await checkOrders(setup, satellite, orders);
}

function bidFor(text: string, bidPerByte: number): number {
  return Math.max(1000, Math.ceil(otaBytes(Buffer.byteLength(text)) * bidPerByte));
}

/** Sets the simulated station, by its switches for tests, not to send this order the first time. */
async function missOne(stationUrl: string, uuid: string): Promise<void> {
  const response = await fetch(`${stationUrl}/simulator/miss`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uuid, region: MISSED_REGION, kind: 'tx', times: 1 }),
  });
  expectThat(response.ok, `the station answered ${response.status}: ${await response.text()}`);
}

/** Pays the long message first and the others while it is sent. */
async function payLongestFirst(
  { steps, pay, events }: DemoSetup,
  orders: readonly PlacedOrder[],
  isOurs: (payload: Record<string, unknown>) => boolean,
): Promise<void> {
  const [first, ...others] = orders;
  expectThat(first !== undefined, 'no orders');
  await steps.run('the first is paid and its transmission starts', async () => {
    await pay(first.lightning_invoice.payreq);
    await events.find(STARTED, isOurs);
  });
  await steps.run('the other nine are paid while it is sent', () =>
    Promise.all(others.map(({ lightning_invoice }) => pay(lightning_invoice.payreq))),
  );
}

async function checkStarts(
  { steps }: DemoSetup,
  started: readonly Started[],
  missed: PlacedOrder,
): Promise<void> {
  const firsts = started.filter(
    (start, i) => started.findIndex(({ uuid }) => uuid === start.uuid) === i,
  );
  await steps.run(
    'the highest bid per byte was sent next each time',
    async () => {
      const bids = firsts.slice(1).map(({ bid_per_byte }) => bid_per_byte);
      expectThat(
        bids.every((bid, i) => bid <= (bids[i - 1] ?? Infinity)),
        bids.join(', '),
      );
      return Promise.resolve(bids);
    },
    (bids) => bids.map((bid) => bid.toFixed(0)).join(' ≥ '),
  );
  await steps.run(
    'the sequence numbers have no gap',
    async () => {
      const numbers = firsts.map(({ tx_seq_num }) => tx_seq_num);
      expectThat(
        numbers.every((n, i) => n === (numbers[0] ?? 0) + i),
        numbers.join(', '),
      );
      return Promise.resolve(numbers);
    },
    (numbers) => `${numbers[0] ?? ''} to ${numbers.at(-1) ?? ''}`,
  );
  await steps.run(
    'the unconfirmed message was sent again, to the missing region only',
    async () => {
      const starts = started.filter(({ uuid }) => uuid === missed.uuid);
      const regions = starts.map((start) => start.regions.join(' '));
      expectThat(starts.length === 2 && regions[1] === String(MISSED_REGION), regions.join(' | '));
      return Promise.resolve(regions);
    },
    (regions) => `first to ${regions[0] ?? ''}, then to ${regions[1] ?? ''}`,
  );
}

async function checkOrders(
  { steps }: DemoSetup,
  satellite: SatelliteClient,
  orders: readonly PlacedOrder[],
): Promise<void> {
  await steps.run('the API shows received and has the message of each number', async () => {
    for (const [i, placed] of orders.entries()) {
      const order = await receivedOrder(satellite, placed);
      expectThat(order.tx_seq_num !== null, `${order.uuid} has no number`);
      const text = await satellite.message(order.tx_seq_num);
      expectThat(text === MESSAGES[i]?.text, `message ${order.tx_seq_num} is a different one`);
    }
  });
}

/** The last receivers confirm shortly after the last senders. */
async function receivedOrder(
  satellite: SatelliteClient,
  placed: PlacedOrder,
): Promise<SatelliteOrder> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const order = await satellite.get(placed);
    if (order.status === 'received') return order;
    expectThat(performance.now() < deadline, `${order.uuid} is still ${order.status}`);
    await pause(50);
  }
}
