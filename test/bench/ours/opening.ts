import { burstsInTurns, oneByOneInTurns, p50, p99 } from '../callers.js';
import { Cast } from '../actors.js';
import { startHelper } from '../helper.js';
import { post } from '../http.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { noWorkflows, outboxEmpty } from './idle-wait.js';
import { startApiAlone } from './own-database.js';

const WARM_UP = 200;
const article = { zap: 'a zap', order: 'an order' } as const;

/** Opening alone, beside one transaction of the same rows: each behind fastify, with nothing else at work. */
export const opening: Part = {
  name: 'opening',
  figures: (['zap', 'order'] as const).flatMap((what): FigureSpec[] => [
    { id: `floor.${what}.quiet`, title: `floor: the rows of ${article[what]}, p50`, unit: 'ms' },
    { id: `floor.${what}.burst`, title: `floor: the rows of ${article[what]}`, unit: 'per second' },
    {
      id: `${what}.quiet`,
      title: `opening ${what}, without invoice, p50`,
      unit: 'ms',
      floor: `floor.${what}.quiet`,
      aim: { of: 'ratio', is: 'at most', bound: 2 },
    },
    { id: `${what}.quiet.p99`, title: `opening ${what}, without invoice, p99`, unit: 'ms' },
    { id: `${what}.whole`, title: `opening ${what}, with invoice, p50`, unit: 'ms' },
    { id: `${what}.whole.p99`, title: `opening ${what}, with invoice, p99`, unit: 'ms' },
    { id: `${what}.invoice`, title: '  of which the invoice, p50', unit: 'ms' },
    {
      id: `${what}.burst`,
      title: `opening ${what}, without invoice, 40 callers`,
      unit: 'per second',
      floor: `floor.${what}.burst`,
      aim: { of: 'ratio', is: 'at least', bound: 0.5 },
    },
  ]),
  async prepare(bench) {
    const { variables, logs } = bench.parts;
    const { sizes } = bench.options;
    const alone = await startApiAlone(bench, 'bench_opening');
    const { cast, databaseUrl } = alone;
    const whole = await Cast.hire(bench.parts.apiUrl, bench.parts.operatorToken);
    await cast.prepare(WARM_UP);
    const { id: zapId } = await cast.openZap();
    const { id: orderId } = await cast.openOrder();
    const floor = await startHelper(
      'floors/transaction-server.js',
      { ...variables, DATABASE_URL: databaseUrl, ZAP_ID: zapId, ORDER_ID: orderId },
      logs,
    );
    const pass = async (quiet: number, many: number): Promise<Values> => {
      await cast.prepare(quiet + many);
      await whole.prepare(quiet);
      const calls = {
        'floor.zap': () => rowsOf(floor.url, 'zap'),
        zap: () => cast.openZap(),
        'floor.order': () => rowsOf(floor.url, 'order'),
        order: () => cast.openOrder(),
      };
      const values: Record<string, number> = {};
      const wholeOnes = {
        'zap.whole': () => whole.openZap(),
        'order.whole': () => whole.openOrder(),
      };
      const times = await oneByOneInTurns(quiet, { ...calls, ...wholeOnes });
      for (const [what, taken] of Object.entries(times)) {
        const id = what.endsWith('.whole') ? what : `${what}.quiet`;
        values[id] = p50(taken);
        if (!what.startsWith('floor')) values[`${id}.p99`] = p99(taken);
      }
      await outboxEmpty(bench);
      await noWorkflows(bench);
      for (const [what, perSecond] of Object.entries(await burstsInTurns(many, calls))) {
        values[`${what}.burst`] = perSecond;
      }
      return values;
    };
    await pass(WARM_UP, WARM_UP);
    return {
      round: () => pass(sizes.quiet, sizes.burst),
      stop: async () => {
        await floor.stop();
        await alone.stop();
      },
    };
  },
};

function rowsOf(url: string, what: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return post(new URL(`/${what}`, url), { body: '{"sats":10}', headers });
}
