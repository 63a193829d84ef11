import { expect, test } from 'vitest';
import { addBusinessSeconds } from '../../../../simulators/store/scenario/business-hours.js';
import { SiteZone } from '../../../../simulators/store/site-time.js';
import { storeFixture } from './fixture.helper.js';

const store = storeFixture();
const DAY = 86_400;

async function play(seed: number): Promise<string> {
  await store.begin({}, []);
  await store.control.startScenario({ seed, days: 30, ordersPerDay: 20 });
  await store.control.advance(45 * DAY);
  return JSON.stringify(await store.control.orders(), (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

test('a month of a store is the same for the same seed', async () => {
  const one = await play(1);
  expect(await play(1)).toBe(one);
  expect(await play(2)).not.toBe(one);
});

test('a month holds what a store sees', async () => {
  await store.begin({}, []);
  await store.control.startScenario({
    days: 30,
    ordersPerDay: 40,
    imports: [{ afterDays: 10, ids: 80_000 }],
  });
  const { placed } = await store.control.advance(31 * DAY);
  const orders = await store.control.orders();
  expect(placed).toBeGreaterThan(1000);
  expect(placed).toBeLessThan(1250);
  const statuses = new Set(orders.map(({ status }) => status));
  for (const status of ['processing', 'completed', 'failed', 'cancelled', 'refunded', 'trash']) {
    expect(statuses).toContain(status);
  }
  const ids = orders.map(({ id }) => id);
  const jumps = ids.slice(1).filter((id, index) => id - (ids[index] ?? id) > 70_000n);
  expect(jumps).toHaveLength(1);
  // Drafts of a day ago are gone.
  const drafts = orders.filter(({ status }) => status === 'checkout-draft');
  expect(drafts.length).toBeLessThan(20);
});

test('deliveries follow the life, and bursts are lost, when a day is played', async () => {
  await store.begin({ at: '2026-03-29T00:00:00Z' });
  await store.control.startScenario({ days: 1, ordersPerDay: 60 });
  await store.control.setFaults({ deliveries: { burst: { probability: 0.02, length: 4 } } });
  await store.control.advance(DAY);
  await store.control.drain();
  const log = await store.control.deliveries();
  const lost = log.filter(({ outcome }) => outcome === 'lost').length;
  expect(lost).toBeGreaterThan(0);
  expect(store.taken()).toHaveLength(log.length - lost);
  expect(log.map(({ at }) => at.getTime())).toEqual(
    log.map(({ at }) => at.getTime()).sort((one, other) => one - other),
  );
});

test('working time passes only while the shop is open, over the change of the clocks', () => {
  const zone = new SiteZone('Europe/Berlin');
  const hours = { days: [1, 2, 3, 4, 5], open: 9, close: 17 };
  const later = (start: string, workingHours: number): string => {
    const end = addBusinessSeconds(Date.parse(start) / 1000, workingHours * 3600, hours, zone);
    return new Date(end * 1000).toISOString();
  };
  expect(later('2026-03-27T10:00:00Z', 1)).toBe('2026-03-27T11:00:00.000Z');
  // Friday 16:00 in winter time, Monday 10:00 in summer time.
  expect(later('2026-03-27T15:00:00Z', 2)).toBe('2026-03-30T08:00:00.000Z');
  expect(later('2026-03-28T12:00:00Z', 0.5)).toBe('2026-03-30T07:30:00.000Z');
  expect(later('2026-03-27T02:00:00Z', 16)).toBe('2026-03-30T15:00:00.000Z');
});

test('by rate: the clock runs by itself and the queue with it', async () => {
  await store.begin({ rate: 3600, queueSeconds: { min: 60, max: 60 } }, ['order.created']);
  await store.control.place();
  await expect.poll(() => store.receiver.received.length).toBe(1);
  const { now } = await store.control.state();
  expect(now.getTime()).toBeGreaterThanOrEqual(Date.parse('2026-03-02T09:01:00Z'));
});
