import pg, { type Pool } from 'pg';
import { readBalance } from '../../../engine/credits/read-balance.js';
import type { DatabaseBench } from '../database-bench.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { ADDRESSES, fill, MANY, type Size, SIZES } from './fill.js';
import { fillHistory, loseLots } from './lots-to-rebuild.js';
import { expense, grant, refund } from './operations.js';
import { ownDatabase } from './own-database.js';
import { rebuildAll, REBUILDERS } from './rebuilding.js';
import { perSecondInTurns } from './speed.js';

const lotsOf = (size: Size): string =>
  size === 'emptied' ? '10 lots and 100,000 emptied' : `${size} lots`;

const reads = SIZES.flatMap((size): FigureSpec[] => [
  {
    id: `floor.credits.sum.${size}`,
    title: `floor: bare sum of ${lotsOf(size)}`,
    unit: 'per second',
  },
  {
    id: `credits.read.${size}`,
    title: `balance of ${lotsOf(size)}`,
    unit: 'per second',
    floor: `floor.credits.sum.${size}`,
    aim: { of: 'ratio', is: 'at least', bound: 0.6 },
  },
]);

const expenses = SIZES.map((size): FigureSpec => {
  const figure = {
    id: `credits.expense.${size}`,
    title: `expense from ${lotsOf(size)}`,
    unit: 'per second',
  } as const;
  if (size === '10') return { ...figure, floor: 'floor.credits.update' };
  const aim = { of: 'ratio', is: 'at least', bound: 0.5 } as const;
  return { ...figure, floor: 'credits.expense.10', ...(size === '1000' ? {} : { aim }) };
});

const figures: readonly FigureSpec[] = [
  ...reads,
  { id: 'floor.credits.update', title: 'floor: update of one row', unit: 'per second' },
  ...expenses,
  {
    id: 'credits.grant',
    title: 'grant of one lot',
    unit: 'per second',
    floor: 'floor.credits.update',
  },
  {
    id: 'credits.refund',
    title: 'refund of an expense, 10 lots and 100,000 emptied',
    unit: 'per second',
    floor: 'credits.expense.emptied',
  },
  { id: 'credits.expense.many', title: 'expense of 1,000 addresses with 20 lots each', unit: 's' },
  {
    id: 'credits.rebuild',
    title: 'lots rebuilt from the history',
    unit: 'per second',
    aim: { of: 'value', is: 'at least', bound: 50_000 },
  },
  { id: 'credits.compare', title: 'lots compared with the history', unit: 'per second' },
];

/** The credit engine on PostgreSQL with one caller; only the rebuild has several connections. */
export const credits: Part<DatabaseBench> = {
  name: 'credits',
  figures,
  async prepare(bench) {
    const { quiet } = bench.options.sizes;
    const pool = await ownDatabase(bench, 'bench_credits', 1);
    const history = await ownDatabase(bench, 'bench_credits_rebuild', REBUILDERS + 1);
    await fill(pool);
    await fillHistory(history);
    const bare = await Bare.connect(pool);
    const round = async (count: number): Promise<Values> => ({
      ...(await perSecondInTurns(count * 2, readsOf(pool, bare))),
      ...(await perSecondInTurns(count, writesOf(pool, bare))),
      'credits.expense.many': await secondsOf(() => expense(pool, MANY)),
      ...(await rebuilds(history)),
    });
    await round(Math.min(quiet, 50));
    return {
      round: () => round(quiet),
      stop: async () => {
        await bare.end();
        await pool.end();
        await history.end();
      },
    };
  },
};

type Calls = Record<string, () => Promise<unknown>>;

function readsOf(pool: Pool, bare: Bare): Calls {
  const calls: Calls = {};
  for (const size of SIZES) {
    const address = ADDRESSES[size];
    calls[`floor.credits.sum.${size}`] = () => bare.sum(address);
    calls[`credits.read.${size}`] = () => readBalance(pool, 'aleph', address);
  }
  return calls;
}

function writesOf(pool: Pool, bare: Bare): Calls {
  const calls: Calls = { 'floor.credits.update': () => bare.update() };
  let last = '';
  for (const size of SIZES) {
    calls[`credits.expense.${size}`] = async () => {
      last = await expense(pool, [ADDRESSES[size]]);
    };
  }
  // Refunds the last of these expenses: that of the address with a long history.
  calls['credits.refund'] = () => refund(pool, last);
  calls['credits.grant'] = () => grant(pool, 'granted');
  return calls;
}

async function rebuilds(pool: Pool): Promise<Values> {
  await loseLots(pool);
  const rebuilt = await rebuildAll(pool, true);
  await pool.query('vacuum analyze');
  return { 'credits.rebuild': rebuilt, 'credits.compare': await rebuildAll(pool, false) };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** The floor for any program: one prepared statement on one connection. */
class Bare {
  private constructor(private readonly client: pg.Client) {}

  static async connect(pool: Pool): Promise<Bare> {
    const { connectionString } = pool.options;
    const client = new pg.Client(connectionString === undefined ? {} : { connectionString });
    await client.connect();
    await client.query('create table bare (id integer primary key, n bigint not null)');
    await client.query('insert into bare values (1, 0)');
    return new Bare(client);
  }

  sum(address: string): Promise<unknown> {
    return this.client.query({
      name: 'sum',
      text: `select sum(remaining) from credit_lots where ledger = 'aleph' and address = $1`,
      values: [address],
    });
  }

  update(): Promise<unknown> {
    return this.client.query({
      name: 'update',
      text: 'update bare set n = n + 1 where id = $1',
      values: [1],
    });
  }

  end(): Promise<void> {
    return this.client.end();
  }
}
