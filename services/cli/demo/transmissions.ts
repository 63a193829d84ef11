import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { otaBytes } from '../../../domain/transmissions/bid.js';
import { MESSAGES } from './messages.js';
import { type PlacedOrder, SatelliteClient, type SatelliteOrder } from './satellite-client.js';
import { expectThat } from './script.js';
import type { Stage } from './stage.js';

const startedSchema = z.looseObject({
  uuid: z.uuid(),
  tx_seq_num: z.number(),
  bid_per_byte: z.number(),
  regions: z.array(z.number()),
});
type Started = z.output<typeof startedSchema>;

const STARTED = 'transmissions.1.started';
const ENDED = 'transmissions.1.ended';
/** Eutelsat 113 does not send the third message the first time, so nobody receives it there. */
const SILENT_REGION = 1;
const SILENT_ABOUT = 2;

/** Ten messages through one channel: the line goes to the highest bid, and one has to be sent again. */
export async function transmitTen(stage: Stage): Promise<void> {
  const { script, events, context } = stage;
  script.chapter('Ten messages through one channel');
  const satellite = new SatelliteClient(context.apiUrl);
  const orders = await script.step('ten orders, each with its bid, ten invoices', () =>
    Promise.all(
      MESSAGES.map(({ text, bidPerByte }) => satellite.order(text, bidFor(text, bidPerByte))),
    ),
  );
  const missed = orders[SILENT_ABOUT];
  expectThat(missed !== undefined, 'too few orders');
  await script.step(`the station of region ${SILENT_REGION} will miss one of them`, () =>
    missOne(context.stationUrl, missed.uuid),
  );
  const ours = new Set(orders.map(({ uuid }) => uuid));
  const isOurs = (payload: Record<string, unknown>): boolean => ours.has(String(payload['uuid']));

  await payInTurn(stage, orders, isOurs);
  const ended = await script.step(
    'all ten are confirmed by every region',
    () => events.collect(ENDED, isOurs, orders.length, 60_000),
    (all) => `${all.length} ended`,
  );
  expectThat(
    new Set(ended.map(({ payload }) => payload['uuid'])).size === orders.length,
    'one ended twice',
  );
  const started = (await events.collect(STARTED, isOurs, orders.length + 1)).map(({ payload }) =>
    startedSchema.parse(payload),
  );
  await checkStarts(stage, started, missed);
  await checkOrders(stage, satellite, orders);
}

function bidFor(text: string, bidPerByte: number): number {
  return Math.max(1000, Math.ceil(otaBytes(Buffer.byteLength(text)) * bidPerByte));
}

/** Tells the simulated station, over its switches for tests, not to send it the first time. */
async function missOne(stationUrl: string, uuid: string): Promise<void> {
  const response = await fetch(`${stationUrl}/simulator/miss`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uuid, region: SILENT_REGION, kind: 'tx', times: 1 }),
  });
  expectThat(response.ok, `the station answered ${response.status}: ${await response.text()}`);
}

/** The long one first: the others pay while it holds the line. */
async function payInTurn(
  { script, pay, events }: Stage,
  orders: readonly PlacedOrder[],
  isOurs: (payload: Record<string, unknown>) => boolean,
): Promise<void> {
  const [first, ...others] = orders;
  expectThat(first !== undefined, 'no orders');
  await script.step('the first is paid and goes on the air', async () => {
    await pay(first.lightning_invoice.payreq);
    await events.find(STARTED, isOurs);
  });
  await script.step('the other nine are paid while it holds the line', () =>
    Promise.all(others.map(({ lightning_invoice }) => pay(lightning_invoice.payreq))),
  );
}

async function checkStarts(
  { script }: Stage,
  started: readonly Started[],
  missed: PlacedOrder,
): Promise<void> {
  const firsts = started.filter(
    (start, i) => started.findIndex(({ uuid }) => uuid === start.uuid) === i,
  );
  await script.step(
    'the line went to the highest bid per byte each time',
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
  await script.step(
    'the numbers have no gap',
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
  await script.step(
    'the unconfirmed one was sent again, to the missing region only',
    async () => {
      const starts = started.filter(({ uuid }) => uuid === missed.uuid);
      const regions = starts.map((start) => start.regions.join(' '));
      expectThat(starts.length === 2 && regions[1] === String(SILENT_REGION), regions.join(' | '));
      return Promise.resolve(regions);
    },
    (regions) => `first to ${regions[0] ?? ''}, then to ${regions[1] ?? ''}`,
  );
}

async function checkOrders(
  { script }: Stage,
  satellite: SatelliteClient,
  orders: readonly PlacedOrder[],
): Promise<void> {
  await script.step('the API says received, and gives the message of each number', async () => {
    for (const [i, placed] of orders.entries()) {
      const order = await receivedOrder(satellite, placed);
      expectThat(order.tx_seq_num !== null, `${order.uuid} has no number`);
      const text = await satellite.message(order.tx_seq_num);
      expectThat(text === MESSAGES[i]?.text, `message ${order.tx_seq_num} is another one`);
    }
  });
}

/** The last receivers confirm a moment after the last senders. */
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
