import { burstsInTurns, oneByOneInTurns, p50, p99 } from '../callers.js';
import { Actors } from '../actors.js';
import { startHelperProcess } from '../helper-process.js';
import { post } from '../http.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { startApiAlone } from './api-alone.js';
import { terminateWorkflows, waitForEmptyOutbox } from './idle-wait.js';

const WARM_UP = 200;
const article = { zap: 'a zap', order: 'an order' } as const;

/** Opening compared with one transaction that writes the same rows, both behind Fastify, with nothing else running. */
export const opening: Part = {
  name: 'opening',
  figures: (['zap', 'order'] as const).flatMap((what): FigureSpec[] => [
    {
      id: `floor.${what}.quiet`,
      title: `floor: write the rows of ${article[what]}, p50`,
      unit: 'ms',
    },
    {
      id: `floor.${what}.burst`,
      title: `floor: write the rows of ${article[what]}`,
      unit: 'per second',
    },
    {
      id: `${what}.quiet`,
      title: `open ${article[what]}, without invoice, p50`,
      unit: 'ms',
      floor: `floor.${what}.quiet`,
      aim: { of: 'ratio', is: 'at most', bound: 1.5 },
    },
    { id: `${what}.quiet.p99`, title: `open ${article[what]}, without invoice, p99`, unit: 'ms' },
    { id: `${what}.whole`, title: `open ${article[what]}, with invoice, p50`, unit: 'ms' },
    { id: `${what}.whole.p99`, title: `open ${article[what]}, with invoice, p99`, unit: 'ms' },
    { id: `${what}.invoice`, title: '  of which for the invoice, p50', unit: 'ms' },
    {
      id: `${what}.burst`,
      title: `open ${article[what]}, without invoice, 40 callers`,
      unit: 'per second',
      floor: `floor.${what}.burst`,
      aim: { of: 'ratio', is: 'at least', bound: 0.5 },
    },
  ]),
  async prepare(bench) {
    const { variables, logs } = bench.parts;
    const { sizes } = bench.options;
    const alone = await startApiAlone(bench, 'bench_opening');
    const { actors, databaseUrl } = alone;
    const withInvoices = await Actors.create(bench.parts.apiUrl, bench.parts.operatorToken);
    await actors.prepare(WARM_UP);
    const { id: zapId } = await actors.openZap();
    const { id: orderId } = await actors.openOrder();
    const floor = await startHelperProcess(
      'floors/transaction-server.js',
      { ...variables, DATABASE_URL: databaseUrl, ZAP_ID: zapId, ORDER_ID: orderId },
      logs,
    );
    const pass = async (quiet: number, many: number): Promise<Values> => {
      await actors.prepare(quiet + many);
      await withInvoices.prepare(quiet);
      const calls = {
        'floor.zap': () => writeRows(floor.url, 'zap'),
        zap: () => actors.openZap(),
        'floor.order': () => writeRows(floor.url, 'order'),
        order: () => actors.openOrder(),
      };
      const values: Record<string, number> = {};
      const invoicedCalls = {
        'zap.whole': () => withInvoices.openZap(),
        'order.whole': () => withInvoices.openOrder(),
      };
      const times = await oneByOneInTurns(quiet, { ...calls, ...invoicedCalls });
      for (const [what, taken] of Object.entries(times)) {
        const id = what.endsWith('.whole') ? what : `${what}.quiet`;
        values[id] = p50(taken);
        if (!what.startsWith('floor')) values[`${id}.p99`] = p99(taken);
      }
      await waitForEmptyOutbox(bench);
      await terminateWorkflows(bench);
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

function writeRows(url: string, what: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return post(new URL(`/${what}`, url), { body: '{"sats":10}', headers });
}
