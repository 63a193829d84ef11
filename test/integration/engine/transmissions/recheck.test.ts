import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceOrder } from '../../../../engine/transmissions/advance-order.js';
import { RECHECK_SECONDS } from '../../../../domain/transmissions/timing.js';
import {
  cancel,
  type Fixture,
  orderFixture,
  passDeadline,
  place,
  placeAndPay,
} from './fixture.helper.js';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await orderFixture();
});
afterAll(() => fixture.close());

/** Seconds until the sweep would look at it, after its workflow has. */
async function lookedAtAgainIn(orderId: string): Promise<number> {
  await fixture.pool.query(
    `update orders set due_at = clock_timestamp() - interval '1 second' where id = $1`,
    [orderId],
  );
  await advanceOrder(fixture.engine, { orderId });
  const { rows } = await fixture.pool.query<{ seconds: number }>(
    `select extract(epoch from due_at - clock_timestamp())::float8 as seconds
     from orders where id = $1`,
    [orderId],
  );
  return rows[0]?.seconds ?? NaN;
}

describe('an order that its workflow has read is read again', () => {
  it('again and again, while the node has to be called: since when stays known', async () => {
    const expired = await place(fixture);
    await passDeadline(fixture, expired.order.id);
    const cancelled = await place(fixture);
    await cancel(fixture, cancelled.order.id);
    for (const { order } of [expired, cancelled]) {
      expect(await lookedAtAgainIn(order.id)).toBeLessThan(0);
    }
  });

  it('seldom, while it waits for its channel', async () => {
    await placeAndPay(fixture);
    const seconds = await lookedAtAgainIn(await placeAndPay(fixture));
    expect(seconds).toBeGreaterThan(RECHECK_SECONDS - 10);
  });
});
