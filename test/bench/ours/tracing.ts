import { burstsInTurns } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import type { Part, Values } from '../part.js';
import { startApiAlone } from './api-alone.js';

const WARM_UP = 400;

/** What traces cost: the same openings at APIs that trace nothing, the default share of requests, and all. */
export const tracing: Part = {
  name: 'tracing',
  figures: [
    {
      id: 'tracing.off',
      title: 'floor: open a zap, nothing traced, 40 callers',
      unit: 'per second',
    },
    {
      id: 'tracing.on',
      title: 'open a zap, every request traced, 40 callers',
      unit: 'per second',
      floor: 'tracing.off',
      aim: { of: 'ratio', is: 'at least', bound: 0.95 },
    },
    {
      id: 'tracing.default',
      title: 'open a zap, the default share traced, 40 callers',
      unit: 'per second',
      floor: 'tracing.off',
      aim: { of: 'ratio', is: 'at least', bound: 0.95 },
    },
  ],
  async prepare(bench) {
    const { variables, logs } = bench.parts;
    const collector = await startHelperProcess('ours/collector.js', variables, logs);
    const off = await startApiAlone(bench, 'bench_untraced');
    const traced = { QUITTANCE_OTLP_ENDPOINT: collector.url };
    const some = await startApiAlone(bench, 'bench_traced_some', traced);
    const all = await startApiAlone(bench, 'bench_traced', {
      ...{ ...traced, QUITTANCE_TRACE_SHARE: '1' },
    });
    const apis = [off, some, all];
    const pass = async (many: number): Promise<Values> => {
      await Promise.all(apis.map(({ actors }) => actors.prepare(many)));
      return burstsInTurns(many, {
        'tracing.off': () => off.actors.openZap(),
        'tracing.on': () => all.actors.openZap(),
        'tracing.default': () => some.actors.openZap(),
      });
    };
    await pass(WARM_UP);
    return {
      round: () => pass(bench.options.sizes.burst),
      stop: async () => {
        await Promise.all(apis.map((api) => api.stop()));
        await collector.stop();
      },
    };
  },
};
