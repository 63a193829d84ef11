import { transact } from '../../../../../engine/context.js';
import { learnThresholds } from '../../../../../engine/intake/thresholds/learn.js';
import { insertStays } from '../../../engine/intake/store-steps.helper.js';
import type { ApiTester } from '../tester.helper.js';

const HOUR_MS = 3_600_000;
const STAYS = 240;
const OPEN = 3;

/** Two months of orders, what was learned of them, and two incidents of the store `shop`. */
export async function seedStoreHistory({ api: { engine, pool } }: ApiTester): Promise<void> {
  const now = Date.now();
  const stays = Array.from({ length: STAYS }, (_, n) => {
    const enteredAt = new Date(now - (STAYS - n) * 6 * HOUR_MS);
    // Between a quarter of an hour and about a day, always the same ones.
    const hours = 0.25 + 24 * ((n * 37) % 100) ** 2 * 0.0001;
    const leftAt = n < STAYS - OPEN ? new Date(enteredAt.getTime() + hours * HOUR_MS) : null;
    return { enteredAt, leftAt };
  });
  const of = { store: 'shop', status: 'processing', paymentMethod: 'card', firstId: 2_000n };
  await insertStays(pool, of, stays);
  await transact(engine, (tx) => learnThresholds(tx, 'shop', new Date(now)));
  await pool.query(
    `insert into incidents (store, kind, cause, severity, summary, opened_at, healed_at, healed_by) values
     ('shop', 'webhook_off', 'order.created', 'alert', 'The webhook order.created is paused.', now() - interval '3 h', null, null),
     ('shop', 'silence', 'site', 'alert', 'Nothing came for 5 h; usually it is 40 min.', now() - interval '2 d', now() - interval '1 d', 'itself')`,
  );
}
