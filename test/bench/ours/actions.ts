import { Actors } from '../actors.js';
import type { Bench } from '../bench.js';
import { burst, burstsInTurns, oneByOne, p50 } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import { get } from '../http.js';
import type { Part, Values } from '../part.js';
import { terminateWorkflows, waitForEmptyOutbox } from './idle-wait.js';
import { ManyAttempts } from './many-attempts.js';
import { fillItems } from './many-items.js';

const AT_ONCE = 100;
const TURNS = 5;

/** Zaps by credits, of one item and of many; and what everybody reads meanwhile, at 100,000 items. */
export const actions: Part = {
  name: 'actions',
  figures: [
    { id: 'actions.zap.p50', title: 'a zap by credits, alone, p50', unit: 'ms' },
    { id: 'actions.zap.rate', title: 'zaps by credits', unit: 'per second' },
    { id: 'actions.spread', title: '100 zaps at once, of 100 items', unit: 'per second' },
    {
      ...{ id: 'actions.hot', title: '100 zaps at once, of one item', unit: 'per second' },
      ...{ floor: 'actions.spread', aim: { of: 'ratio', is: 'at least', bound: 0.7 } },
    },
    ...(['feed', 'territory', 'tree'] as const).flatMap((what) => [
      {
        ...{ id: `actions.${what}.floor`, unit: 'per second' as const },
        title: `floor: the queries of a ${what} behind a bare server, while paying`,
      },
      {
        ...{ id: `actions.${what}`, title: `reads of a ${what}, while paying` },
        ...{ unit: 'per second' as const, floor: `actions.${what}.floor` },
        aim: { of: 'ratio' as const, is: 'at least' as const, bound: 0.6 },
      },
    ]),
    {
      ...{ id: 'actions.scans', title: 'sequential scans of items while reading', unit: 'events' },
      aim: { of: 'value', is: 'at most', bound: 0 },
    },
    {
      ...{ id: 'actions.attempts.page', unit: 'ms' },
      title: 'a page of 50 posts with 200 attempts each',
    },
    {
      ...{ id: 'actions.attempts.size', title: 'its size', unit: 'MB' },
      aim: { of: 'value', is: 'at most', bound: 3 },
    },
    {
      ...{ id: 'actions.attempts.growth', title: 'growth of the API by 20 of them', unit: 'MB' },
      aim: { of: 'value', is: 'at most', bound: 64 },
    },
  ],
  async prepare(bench) {
    const { apiUrl, operatorToken, pool, servers, logs } = bench.parts;
    const postId = await fillItems(pool);
    const floor = await startHelperProcess(
      'ours/reads-server.js',
      { DATABASE_URL: servers.databaseUrl, POST_ID: postId },
      logs,
    );
    const actors = await Actors.create(apiUrl, operatorToken);
    await actors.prepareAccounts(AT_ONCE, true);
    const reads = readsOf(apiUrl, floor.url, postId);
    await burstsInTurns(20, reads);
    const attempts = await ManyAttempts.create(bench);
    await attempts.measure();
    return {
      round: async () => ({
        ...(await actionsRound(bench, actors, reads)),
        ...(await attempts.measure()),
      }),
      stop: () => floor.stop(),
    };
  },
};

function readsOf(
  apiUrl: string,
  floorUrl: string,
  postId: string,
): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    'actions.feed': () => get(new URL('/v1/items?sort=hot', apiUrl)),
    'actions.feed.floor': () => get(new URL('/feed', floorUrl)),
    'actions.territory': () => get(new URL('/v1/items?territory=valley&sort=hot', apiUrl)),
    'actions.territory.floor': () => get(new URL('/territory', floorUrl)),
    'actions.tree': () => get(new URL(`/v1/items/${postId}/comments`, apiUrl)),
    'actions.tree.floor': () => get(new URL('/tree', floorUrl)),
  };
}

async function actionsRound(
  bench: Bench,
  actors: Actors,
  reads: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Values> {
  const { quiet, burst: size } = bench.options.sizes;
  const settle = async (): Promise<void> => {
    await waitForEmptyOutbox(bench);
    await terminateWorkflows(bench);
  };
  const alone = await oneByOne(quiet, () => actors.openZap('credits'));
  const rate = await burst(size, () => actors.openZap('credits'));
  await settle();
  const seconds = { spread: 0, hot: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    seconds.spread += await atOnce((n) => actors.openZapBetween(n, n, 'credits'));
    seconds.hot += await atOnce((n) => actors.openZapBetween(n, 0, 'credits'));
    await settle();
  }
  const paying = payUntil(actors);
  const scansBefore = await scansOfItems(bench);
  const read = await burstsInTurns(size, reads);
  const scans = (await scansOfItems(bench)) - scansBefore;
  await paying.stop();
  await settle();
  return {
    ...{ 'actions.zap.p50': p50(alone), 'actions.zap.rate': rate },
    'actions.spread': (AT_ONCE * TURNS) / seconds.spread,
    'actions.hot': (AT_ONCE * TURNS) / seconds.hot,
    'actions.scans': scans,
    ...read,
  };
}

/** Of the tables that lists and trees are read from. */
async function scansOfItems({ parts }: Bench): Promise<number> {
  const { rows } = await parts.pool.query<{ scans: number }>(
    `select sum(seq_scan)::float8 as scans from pg_stat_user_tables where relname in ('items', 'item_listings')`,
  );
  return rows[0]?.scans ?? 0;
}

/** Seconds until all are paid. */
async function atOnce(open: (n: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => open(n)));
  return (performance.now() - startedAt) / 1000;
}

/** Zaps one after the other until it is stopped. */
function payUntil(actors: Actors): { stop(): Promise<void> } {
  let stopped = false;
  const isStopped = (): boolean => stopped;
  const done = (async () => {
    while (!isStopped()) await actors.openZap('credits');
  })();
  return {
    stop: () => {
      stopped = true;
      return done;
    },
  };
}
