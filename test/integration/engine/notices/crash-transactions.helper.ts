import { randomUUID } from 'node:crypto';
import { PRICES } from '../../../../domain/territories/billing.js';
import type { StoredNoticeKind } from '../../../../domain/notices/kinds.js';
import { transact } from '../../../../engine/context.js';
import { advanceTimer } from '../../../../engine/items/timers/advance-timer.js';
import { payRewards } from '../../../../engine/rewards/pay-rewards.js';
import { transferTerritory } from '../../../../engine/territories/transfer.js';
import { recordTry } from '../../../../engine/webhooks/send-due.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import type { Stage } from './crash-effects.helper.js';
import { doEffects } from './told.helper.js';

/** What tells in the transaction that does it. `act` may be called again, as by whoever does not know that it is done. */
export interface InTransaction {
  readonly kinds: readonly StoredNoticeKind[];
  /** What is written last: where it is killed. */
  readonly killedAt?: string;
  readonly prepare: (stage: Stage) => Promise<{
    readonly act: () => Promise<unknown>;
    readonly told: readonly (readonly [Person, string])[];
    /** Whether it has happened. */
    readonly happened: () => Promise<boolean>;
  }>;
}

async function isTrue(stage: Stage, sql: string, id: unknown): Promise<boolean> {
  const { rows } = await stage.at.fixture.pool.query<{ yes: boolean }>(
    `select exists (select from ${sql}) as yes`,
    [id],
  );
  return rows[0]?.yes === true;
}

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-01-10T00:00:00Z');

/** Closes days up to that one. */
const closeDays = (stage: Stage, n: number) => (): Promise<unknown> =>
  payRewards(stage.at.fixture.engine, new Date(FIRST_DAY + (n + 1) * DAY_MS + 1));

/** Who has spent enough on the first of the days, and nothing since. */
async function spender(stage: Stage): Promise<Person> {
  const person = await stage.person();
  const itemId = await stage.world.item();
  const { id } = await stage.world.paid('ZAP', { itemId, sats: 100 }, person);
  await doEffects(stage.at.fixture);
  const { pool } = stage.at.fixture;
  await pool.query('update attempts set changed_at = $2 where action_id = $1', [
    id,
    new Date(FIRST_DAY + 1_000),
  ]);
  await pool.query(
    `insert into reward_days (day, through_entry, pool_msat, state, paid_at) values ('2026-01-09', 0, 0, 'PAID', now())
     on conflict do nothing`,
  );
  return person;
}

/** The timer of a text whose time has come. */
async function dueTimer(stage: Stage, text: string, by: Person): Promise<[string, string]> {
  const item = await stage.world.item({ text }, by);
  await doEffects(stage.at.fixture);
  const { rows } = await stage.at.fixture.pool.query<{ id: bigint }>(
    `update item_timers set counted_from = counted_from - interval '1 hour', runs_at = runs_at - interval '1 hour',
       due_at = due_at - interval '1 hour' where item_id = $1 returning id`,
    [item],
  );
  return [item, String(rows[0]?.id)];
}

export const TRANSACTIONS: Readonly<Record<string, InTransaction>> = {
  'a transfer of a territory': {
    kinds: ['TERRITORY_TRANSFER'],
    async prepare(stage) {
      const [owner, heir] = [await stage.person(10n * PRICES.MONTHLY), await stage.person()];
      const name = stage.name();
      await stage.territories.create(owner, name);
      const { engine } = stage.at.fixture;
      return {
        act: () => transact(engine, (tx) => transferTerritory(tx, name, owner.id, heir.name)),
        told: [[heir, `TERRITORY_TRANSFER by ${owner.name}`]],
        happened: async () => (await stage.territories.row(name)).owner === heir.id,
      };
    },
  },
  'a territory that is not renewed': {
    kinds: ['TERRITORY_STATUS'],
    async prepare(stage) {
      const owner = await stage.person(PRICES.MONTHLY);
      const name = stage.name();
      await stage.territories.create(owner, name);
      await stage.territories.age(name, 32);
      return {
        act: () => stage.territories.run(name),
        told: [[owner, 'TERRITORY_STATUS']],
        happened: async () => (await stage.territories.row(name)).state === 'GRACE',
      };
    },
  },
  'a streak that begins': {
    kinds: ['STREAK'],
    async prepare(stage) {
      const person = await spender(stage);
      return {
        act: closeDays(stage, 0),
        told: [[person, 'STREAK']],
        happened: () => isTrue(stage, 'streaks where account = $1', person.id),
      };
    },
  },
  'a streak that ends': {
    kinds: ['STREAK', 'STREAK_LOST'],
    async prepare(stage) {
      const person = await stage.person();
      await stage.at.fixture.pool.query(
        `with begun as (insert into streaks (account, first_day, last_day) values ($1, '2026-01-10', '2026-01-10'))
         insert into notices (account, kind, key) values ($1, 'STREAK', 'streak/2026-01-10')`,
        [person.id],
      );
      return {
        act: closeDays(stage, 1),
        told: [
          [person, 'STREAK'],
          [person, 'STREAK_LOST'],
        ],
        happened: () =>
          isTrue(stage, 'streaks where account = $1 and ended_on is not null', person.id),
      };
    },
  },
  'a reminder': {
    kinds: ['REMINDER_SET', 'REMINDER'],
    async prepare(stage) {
      const author = await stage.person();
      const [item, timer] = await dueTimer(stage, '@remindme in 1 minute', author);
      return {
        act: () => advanceTimer(stage.at.fixture.engine, timer),
        told: [
          [author, 'REMINDER_SET'],
          [author, 'REMINDER'],
        ],
        happened: () => isTrue(stage, `item_timers where item_id = $1 and state = 'DONE'`, item),
      };
    },
  },
  'a deletion': {
    kinds: [],
    killedAt: 'update on items',
    async prepare(stage) {
      const author = await stage.person();
      const [item, timer] = await dueTimer(stage, '@delete in 1 minute', author);
      return {
        act: () => advanceTimer(stage.at.fixture.engine, timer),
        told: [],
        happened: () => isTrue(stage, 'items where id = $1 and deleted_at is not null', item),
      };
    },
  },
  'an endpoint of webhooks that is disabled': {
    kinds: ['WEBHOOK_DISABLED'],
    async prepare(stage) {
      const owner = await stage.person();
      const endpoint = randomUUID();
      const { pool } = stage.at.fixture;
      const { rows } = await pool.query<{ event: bigint }>(
        `with endpoint as (
           insert into webhook_endpoints (id, account, url, description, events, signing, secret, failing_since)
           values ($1, $2, 'https://gone.example/', '', '{*}', 'v1', '', now() - interval '6 days')),
         event as (insert into webhook_events (account, type, data) values ($2, 'webhook.test', '{}') returning id)
         insert into webhook_deliveries (endpoint, event) select $1, id from event returning event`,
        [endpoint, owner.id],
      );
      const sent = { endpoint, event: rows[0]?.event ?? 0n, lease: 0 };
      return {
        act: () => recordTry(pool, sent, { durationMs: 1, status: 500, error: 'answered 500' }),
        told: [[owner, 'WEBHOOK_DISABLED']],
        happened: () =>
          isTrue(stage, 'webhook_endpoints where id = $1 and disabled_at is not null', endpoint),
      };
    },
  },
};
