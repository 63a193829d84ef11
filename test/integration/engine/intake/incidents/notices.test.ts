import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChat } from '../../../../../adapters/chat/webhook.js';
import { inTransaction } from '../../../../../db/transaction.js';
import { advanceNotifications } from '../../../../../engine/intake/incidents/advance.js';
import {
  healIncident,
  type RaisedIncident,
  raiseIncident,
} from '../../../../../engine/intake/incidents/raise.js';
import { wakeNotices } from '../../../../../engine/intake/incidents/wake-notices.js';
import { type Senders, sendNotifications } from '../../../../../engine/intake/incidents/send.js';
import { startChatHook, type TestHook } from '../../../../support/chat-hook.js';
import { startSmtp, type TestSmtp } from '../../../../support/smtp.js';
import { useStores } from './store-fixture.helper.js';

const stores = useStores();
let smtp: TestSmtp;
let hook: TestHook;
let senders: Senders;
beforeAll(async () => {
  smtp = await startSmtp();
  hook = await startChatHook();
  const chat = createChat({ spacingMs: 0 });
  const { pool, keys } = stores;
  senders = { ...{ pool, keys, chat }, mail: smtp.mail, mailDomain: 'quittance.test' };
});
afterAll(() => Promise.all([smtp.close(), hook.close()]));

const lost = (store: string): RaisedIncident => ({
  ...{ store, kind: 'orders_lost', cause: 'burst 1', verified: true },
  summary: '2 orders by Jane <jane@example.org> were never told of.',
  orderIds: [101n, 102n],
});

const raise = (incident: RaisedIncident) =>
  inTransaction(stores.pool, (tx) => raiseIncident(tx, incident));
const heal = (store: string, orderIds?: readonly bigint[]) =>
  inTransaction(stores.pool, (tx) =>
    healIncident(tx, {
      ...{ store, kind: 'orders_lost', cause: 'burst 1' },
      ...(orderIds === undefined ? {} : { orderIds }),
    }),
  );

/** What a store's workflow does whenever it wakes. */
async function step(store: string): Promise<number> {
  await advanceNotifications(stores.pool, store);
  return sendNotifications(senders, store);
}

describe('one incident', () => {
  test('is told by mail and chat after the grouping, again while it lasts, and when it is over', async () => {
    await stores.openStore('told');
    await stores.addMail('told');
    await stores.addChat('told', hook.url);
    const first = await raise(lost('told'));
    expect(await raise({ ...lost('told'), orderIds: [102n, 103n] })).toEqual({
      ...first,
      opened: false,
    });
    expect(await step('told')).toBe(0);
    await stores.age('told', 1);
    const mails = smtp.mails.length;
    expect(await step('told')).toBe(2);
    expect(await step('told')).toBe(0);
    expect(smtp.mails.length).toBe(mails + 1);
    expect(smtp.mails.at(-1)).toContain('[told] New: Orders were placed');
    expect(hook.posts.at(-1)?.text).toContain('3 orders: 101, 102, 103');
    await stores.age('told', 1.1);
    expect(await step('told')).toBe(2);
    expect(hook.posts.at(-1)?.text).toContain('Still open');
    expect(await heal('told', [101n, 102n])).toBe(false);
    expect(await heal('told', [103n])).toBe(true);
    expect(await step('told')).toBe(2);
    expect(hook.posts.at(-1)?.text).toContain('Resolved');
    expect(await heal('told')).toBe(false);
    expect(await step('told')).toBe(0);
    expect(hook.posts.map(({ text }) => text).join()).not.toMatch(/Jane|example\.org|Sons/);
  });

  test('that heals before it is told is told by the digest only', async () => {
    await stores.openStore('brief');
    await stores.addMail('brief', { digest: true });
    await raise(lost('brief'));
    await heal('brief');
    await stores.age('brief', 30);
    await stores.pool.query(
      `update incidents set healed_at = healed_at - interval '1 hour' where store = 'brief'`,
    );
    await stores.pool.query(
      `update stores set zone = 'UTC', settings = jsonb_build_object('digestHour', extract(hour from now() at time zone 'UTC')::int)
       where id = 'brief'`,
    );
    expect(await step('brief')).toBe(1);
    expect(smtp.mails.at(-1)).toContain('[brief] Daily digest: 0 open, 1 over');
    expect(await step('brief')).toBe(0);
  });

  test('is opened once by many at the same time, and one message goes out of many senders', async () => {
    await stores.openStore('race');
    await stores.addMail('race');
    const raised = await Promise.all(Array.from({ length: 8 }, () => raise(lost('race'))));
    expect(new Set(raised.map(({ id }) => id)).size).toBe(1);
    await stores.age('race', 1);
    const mails = smtp.mails.length;
    await Promise.all(Array.from({ length: 6 }, () => step('race')));
    expect(smtp.mails.length).toBe(mails + 1);
  });
});

describe('a channel that fails', () => {
  test('is an incident that the other channel tells, and is over once a message gets through', async () => {
    await stores.openStore('failing');
    await stores.addMail('failing');
    const chat = await stores.addChat('failing', hook.url);
    await raise({ ...lost('failing'), kind: 'webhook_off' });
    hook.answers.push({ status: 404 });
    expect(await step('failing')).toBe(1);
    expect(await step('failing')).toBe(1);
    expect(smtp.mails.at(-1)).toContain('[failing] New: A channel for notices fails');
    await stores.pool.query(
      `update notifications set due_at = now() where store = 'failing' and state = 'waiting'`,
    );
    expect(await step('failing')).toBe(1);
    await step('failing');
    expect(smtp.mails.at(-1)).toContain('[failing] Resolved: A channel for notices fails');
    const { rows } = await stores.pool.query(
      'select failures, failing_since from notice_channels where id = $1',
      [chat],
    );
    expect(rows).toEqual([{ failures: 0, failing_since: null }]);
  });

  test('is left alone for as long as it asks', async () => {
    await stores.openStore('busy');
    await stores.addChat('busy', hook.url);
    await raise({ ...lost('busy'), kind: 'webhook_off' });
    hook.answers.push({ status: 429, retryAfter: '3600' });
    expect(await step('busy')).toBe(0);
    const { nextAt, due } = await advanceNotifications(stores.pool, 'busy');
    expect(due).toBe(false);
    const waitMs = (nextAt?.getTime() ?? 0) - Date.now();
    expect(waitMs).toBeGreaterThan(3_500_000);
  });
});

test('after a crash between sending and recording, the same mail is sent once more', async () => {
  await stores.openStore('crash');
  await stores.addMail('crash');
  await raise({ ...lost('crash'), kind: 'silence' });
  await advanceNotifications(stores.pool, 'crash');
  const sent = smtp.mails.length;
  await sendNotifications(senders, 'crash');
  await stores.pool.query(
    `update notifications set state = 'waiting', ended_at = null, leased_until = now() - interval '1 second', due_at = now()
     where store = 'crash'`,
  );
  await sendNotifications(senders, 'crash');
  const ids = smtp.mails.slice(sent).map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('a notice is not written twice, nor after that of the end, nor out of its turn', async () => {
  await stores.openStore('laws');
  const { id } = await raise(lost('laws'));
  const write = (n: number, what: string) =>
    stores.pool.query(
      'insert into incident_notices (incident_id, step, what) values ($1, $2, $3)',
      [...[id, n, what]],
    );
  await expect(write(1, 'resolved')).rejects.toThrow();
  await expect(write(2, 'repeated')).rejects.toThrow();
  await write(1, 'opened');
  await expect(write(1, 'opened')).rejects.toThrow();
  await write(2, 'resolved');
  await expect(write(3, 'resolved')).rejects.toThrow();
});

describe('a wake', () => {
  test('brings the store’s notices forward, and never puts them off', async () => {
    await stores.openStore('woken');
    const dueIn = async (): Promise<number> => {
      const { rows } = await stores.pool.query<{ seconds: number }>(
        `select extract(epoch from due_at - clock_timestamp())::float8 as seconds from store_tasks where store = 'woken' and task = 'notices'`,
      );
      return rows[0]?.seconds ?? NaN;
    };
    const wake = () => inTransaction(stores.pool, (tx) => wakeNotices(tx, 'woken', 'a test'));
    await stores.pool.query(
      `insert into store_tasks (store, task, due_at) values ('woken', 'notices', clock_timestamp() + interval '1 hour')`,
    );
    await wake();
    expect(await dueIn()).toBeLessThanOrEqual(0);
    await stores.pool.query(
      `update store_tasks set due_at = clock_timestamp() - interval '1 hour' where store = 'woken'`,
    );
    await wake();
    expect(await dueIn()).toBeLessThan(-3500);
    const { rowCount } = await stores.pool.query(
      `select from outbox where kind = 'wake' and subject = 'store/woken' and payload ->> 'reason' = 'a test'`,
    );
    expect(rowCount).toBe(2);
  });
});
