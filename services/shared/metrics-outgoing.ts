import type { Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { lazyGauge } from './metrics.js';
import { scrapeReading } from './scrape-reading.js';

interface Outgoing {
  readonly losses: number;
  readonly unanswered: number;
  readonly forgotten: number;
  readonly inFlight: number;
  readonly held: number;
}

/** What operators have to know of money that leaves. Losses are rare: each of them is a reason for an alarm. */
export function registerOutgoingMetrics(registry: Registry, logger: Logger, pool: Pool): void {
  const read = scrapeReading(() => readOutgoing(pool));
  const gauge = (name: string, help: string, pick: (row: Outgoing) => number): void =>
    lazyGauge(registry, logger, {
      ...{ name, help, labelNames: [] },
      read: async () => [{ labels: {}, value: pick((await read()).value) }],
    });
  gauge(
    'quittance_losses_msat',
    'What was paid out and not received, in msat. Above 0 or growing: look at its ledger entries.',
    ({ losses }) => losses,
  );
  gauge(
    'quittance_unanswered_send_seconds',
    'For how long the oldest send of an open payment has no answer; 0 when there is none.',
    ({ unanswered }) => unanswered,
  );
  gauge(
    'quittance_forgotten_payment_seconds',
    'Since when the node does not know an open payment that it had begun; 0 when there is none. Above 0: the wrong node, or one that was restored.',
    ({ forgotten }) => forgotten,
  );
  gauge(
    'quittance_payment_in_flight_seconds',
    'For how long the oldest payment that was sent has not ended; 0 when there is none.',
    ({ inFlight }) => inFlight,
  );
  gauge(
    'quittance_held_seconds',
    'For how long the oldest payment is held that only the node has to settle or cancel; 0 when there is none.',
    ({ held }) => held,
  );
}

async function readOutgoing(pool: Pool): Promise<Outgoing> {
  const { rows } = await pool.query<Outgoing>(
    `select (select -coalesce(sum(p.amount_msat), 0) from postings p
         where p.ledger_account_id = (select id from ledger_accounts where system = 'losses'))::float8 as losses,
       (select coalesce(extract(epoch from clock_timestamp() - min(s.sent_at)), 0)
         from payments p join sends s using (hash) where p.state = 'open' and s.answer is null)::float8 as unanswered,
       (select coalesce(extract(epoch from clock_timestamp() - min(forgotten_at)), 0)
         from payments where state = 'open')::float8 as forgotten,
       (select coalesce(extract(epoch from clock_timestamp() - min(p.created_at)), 0)
         from payments p where p.state = 'open' and exists (select from sends s where s.hash = p.hash))::float8 as "inFlight",
       (select coalesce(extract(epoch from clock_timestamp() - min(changed_at)), 0)
         from attempts where state not in ('PAID', 'FAILED') and state in ('HELD', 'FORWARDED', 'CANCELLING'))::float8 as held`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no row of sums');
  return row;
}
