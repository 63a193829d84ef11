import type { QuittanceClient } from '@quittance/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killNow } from '../soak/chaos/fault-injection.js';
import { waitUntil } from '../support/wait-until.js';
import { BEHAVIOURS, startStrange, type StrangeReceiver } from './strange-receivers.helper.js';
import { System } from './system.helper.js';

const ZAPS = 12;
const KILLS = 5;
/** A killed relay holds its messages for a lease. */
const ENDED_MS = 120_000;
/** Those at which nothing can arrive. */
const HOPELESS: readonly string[] = ['redirecting'];

let system: System;
let owner: QuittanceClient;
let fan: QuittanceClient;
const receivers = new Map<string, StrangeReceiver>();
const endpoints = new Map<string, string>();

beforeAll(async () => {
  system = await System.start({
    doubled: true,
    environment: { QUITTANCE_WEBHOOK_NETWORKS: '127.0.0.0/8' },
  });
  owner = await system.account('owner', '1000000000');
  fan = await system.account('fan', '1000000000');
  for (const [name, behave] of Object.entries(BEHAVIOURS)) {
    const receiver = await startStrange(behave);
    receivers.set(name, receiver);
    const { id } = await owner.call('postWebhooks', { body: { url: receiver.url } });
    endpoints.set(name, id);
  }
});
afterAll(async () => {
  await system.stop();
  for (const receiver of receivers.values()) await receiver.stop();
});

interface History {
  readonly messageId: string;
  readonly type: string;
  readonly state: string;
  readonly succeeded: number;
  readonly tries: number;
}

async function historyAt(name: string): Promise<History[]> {
  const { rows } = await system.pool.query<History>(
    `select e.message_id as "messageId", e.type, d.state,
       (select count(*)::int from webhook_tries t where t.endpoint = d.endpoint and t.event = d.event and t.error is null) as succeeded,
       (select count(*)::int from webhook_tries t where t.endpoint = d.endpoint and t.event = d.event) as tries
     from webhook_deliveries d join webhook_events e on e.id = d.event where d.endpoint = $1 order by e.id`,
    [endpoints.get(name)],
  );
  return rows;
}

const receiverOf = (name: string): StrangeReceiver => {
  const found = receivers.get(name);
  if (found === undefined) throw new Error(`no receiver is ${name}`);
  return found;
};
const came = (): number => [...receivers.values()].reduce((sum, { ids }) => sum + ids.length, 0);

/**
 * The next try of what has failed is due now, and not in hours, behind what is due. What is leased is left to its lease;
 * what is hopeless waits as ordered after a few, or it would use up all its tries.
 */
const hurry = () =>
  system.pool.query(
    `update webhook_deliveries set due_at = now()
     where state = 'waiting' and due_at > now() and (tries < 4 or endpoint <> all($1::uuid[]))`,
    [HOPELESS.map((name) => endpoints.get(name))],
  );

/** One relay after the other, each while it sends. */
async function killRelays(): Promise<void> {
  const relays = [
    system.processes.relay,
    ...system.parts.seconds.filter(({ spec }) => spec.name === 'relay'),
  ];
  for (let kills = 0; kills < KILLS; kills += 1) {
    const before = came();
    const moreCame = async (): Promise<boolean> => {
      await hurry();
      return came() > before + 3;
    };
    await waitUntil('more was sent', moreCame, 60_000);
    const relay = relays[kills % relays.length];
    const pid = relay?.pid;
    if (relay === undefined) throw new Error('there is no relay');
    killNow(relay);
    await waitUntil(
      'it has started again',
      () => relay.pid !== undefined && relay.pid !== pid,
      60_000,
    );
  }
}

it('relays are killed while receivers are slow, away, redirecting, replaying and hostile: each event arrives, and its history is right', async () => {
  const opened = await owner.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'Tell me' }, payment: 'credits' },
  });
  const itemId = opened.action.result['itemId'] ?? '';
  const acting = (async () => {
    for (let n = 0; n < ZAPS; n += 1) {
      await fan.openAction({ type: 'ZAP', args: { itemId, sats: 10 }, payment: 'credits' });
    }
  })();
  await Promise.all([acting, killRelays()]);
  await waitUntil(
    'everything was tried, and what can arrive has',
    async () => {
      await hurry();
      for (const name of receivers.keys()) {
        const all = await historyAt(name);
        const isOver = ({ state, tries }: History): boolean =>
          HOPELESS.includes(name) ? tries > 0 : state === 'delivered';
        if (all.length < ZAPS + 1 || !all.every(isOver)) return false;
      }
      return true;
    },
    ENDED_MS,
  );

  for (const [name, { ids, paths }] of receivers) {
    const history = await historyAt(name);
    // One of the post, one for each zap that the notice grew by: none is lost, none is made twice.
    expect(history.map(({ type }) => type).sort(), name).toEqual([
      'action.paid',
      ...Array.from({ length: ZAPS }, () => 'notice.zap'),
    ]);
    expect(new Set(ids), name).toEqual(new Set(history.map(({ messageId }) => messageId)));
    expect([...paths], name).toEqual(['/hook']);
    for (const { messageId, state, succeeded, tries } of history) {
      const times = ids.filter((id) => id === messageId).length;
      // A try that nobody lived to record came as well; none is recorded that did not.
      expect(tries, name).toBeLessThanOrEqual(times);
      expect([state, succeeded >= 1], name).toEqual(
        HOPELESS.includes(name) ? ['waiting', false] : ['delivered', true],
      );
      if (name === 'replaying') expect(times).toBeGreaterThanOrEqual(3);
      if (name === 'away') expect(times).toBeGreaterThanOrEqual(2);
    }
  }
});

it('a replay since a time sends everything once more with the same ids, also while the relay is killed', async () => {
  const { ids } = receiverOf('good');
  const before = new Set(ids);
  ids.length = 0;
  const { count } = await owner.call('postWebhooksByIdReplay', {
    params: { id: endpoints.get('good') ?? '' },
    body: { since: '2020-01-01T00:00:00Z', only: 'all' },
  });
  expect(count).toBe(ZAPS + 1);
  await waitUntil('it has begun', () => ids.length > 0);
  killNow(system.processes.relay);
  await waitUntil('all came again', () => new Set(ids).size === ZAPS + 1, ENDED_MS);
  expect(new Set(ids)).toEqual(before);
});
