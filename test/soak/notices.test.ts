import { setTimeout as pause } from 'node:timers/promises';
import type { QuittanceClient } from '@quittance/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { table } from '../../services/cli/table.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { SeededRandom } from './chaos/seeded-random.js';
import { countAll } from './notices/exact-counts.js';

/** `npm run test:soak -- notices --minutes 3 --seed 7`; at most 15 minutes. */
const SECONDS = Math.min(15, Number(process.env['CHAOS_MINUTES'] ?? 3)) * 60;
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const KILLED = ['relay', 'worker', 'api'] as const;
const PEOPLE = 6;
const AT_ONCE = 4;

let system: System;
beforeAll(async () => {
  system = await System.start({ doubled: true });
});
afterAll(() => system.stop());

interface Actor {
  readonly name: string;
  readonly client: QuittanceClient;
}

/** Something that is paid by balance, and has somebody to be told of it. */
async function act(random: SeededRandom, actors: readonly Actor[], items: string[]): Promise<void> {
  const { client } = random.pick(actors);
  const other = random.pick(actors);
  const title = `A post ${random.between(1, 1_000_000_000)} @${other.name}`;
  const itemId = random.pick(items);
  const reply = `A reply ${random.between(1, 1_000_000_000)}`;
  const request = random.weighted<object>([
    [2, { type: 'ITEM_CREATE', args: { title } }],
    [4, { type: 'ITEM_CREATE', args: { kind: 'comment', parentId: itemId, text: reply } }],
    [6, { type: 'ZAP', args: { itemId, sats: random.between(1, 100) } }],
    [1, { type: 'ITEM_CREATE', args: { title, text: '@delete in 4 seconds' } }],
    [1, { type: 'ITEM_CREATE', args: { title, text: '@remindme in 3 seconds' } }],
  ]) as { type: string; args: { text?: string } };
  const { action } = await client.openAction({ ...request, payment: 'credits' });
  const created = action.result['itemId'];
  // What deletes itself is not answered: what comes too late for it is refused.
  if (
    request.type === 'ITEM_CREATE' &&
    created !== undefined &&
    !request.args.text?.startsWith('@')
  )
    items.push(created);
}

it(`${SECONDS} s with kills, seed ${SEED}: everything that was paid has its notices, exactly`, async () => {
  const random = new SeededRandom(SEED);
  const actors = await Promise.all(
    Array.from({ length: PEOPLE }, async (_, n): Promise<Actor> => {
      const name = `soaked${n}`;
      return { name, client: await system.account(name, '100000000000') };
    }),
  );
  const items: string[] = [];
  const [first] = actors;
  const { action } = (await first?.client.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'The first post' }, payment: 'credits' },
  })) ?? { action: undefined };
  items.push(action?.result['itemId'] ?? '');
  const end = performance.now() + SECONDS * 1000;
  let [acts, refused, kills] = [0, 0, 0];
  const acting = Array.from({ length: AT_ONCE }, async () => {
    const own = random.fork();
    while (performance.now() < end) {
      await act(own, actors, items).then(
        () => (acts += 1),
        () => (refused += 1),
      );
      await pause(own.between(0, 100));
    }
  });
  const killing = (async () => {
    const own = random.fork();
    while (performance.now() < end) {
      await pause(own.between(2_000, 6_000));
      const name = own.pick(KILLED);
      if (system.processes[name].pid === undefined) continue;
      system.kill(name);
      kills += 1;
    }
  })();
  await Promise.all([...acting, killing]);
  await waitUntil(
    'every effect is done',
    async () => {
      const { rows } = await system.pool.query<{ n: bigint }>(
        `select (select count(*) from effects where done_at is null) + (select count(*) from item_timers where state = 'WAITING') as n`,
      );
      return rows[0]?.n === 0n;
    },
    180_000,
  );
  await waitUntilIdle(system, 180_000);
  const counted = await countAll(system.pool, new Date(Date.now() + 60_000));
  const lines = counted.map(({ what, expected, found }) => [what, expected, found]);
  process.stdout.write(
    `${acts} actions, ${refused} refused, ${kills} kills\n${table([['what', 'paid', 'told'], ...lines])}\n`,
  );
  expect(counted.filter(({ expected, found }) => expected !== found)).toEqual([]);
  expect(kills).toBeGreaterThan(0);
  expect(await failedChecks(system)).toEqual([]);
});
