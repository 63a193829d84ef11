import { recomputeTrust } from '../../../engine/trust/recompute.js';
import { ownDatabase } from '../credits/own-database.js';
import type { DatabaseBench } from '../database-bench.js';
import type { Part } from '../part.js';
import { fillVotes } from './votes.js';

/** The trust of 10,000 accounts by a million votes, all in one territory. */
export const trust: Part<DatabaseBench> = {
  name: 'trust',
  figures: [
    {
      ...{ id: 'trust.recompute', title: 'trust of 10,000 accounts by a million votes', unit: 's' },
      aim: { of: 'value', is: 'at most', bound: 300 },
    },
    { id: 'trust.memory', title: 'memory of the process then', unit: 'MB' },
  ],
  async prepare(bench) {
    const pool = await ownDatabase(bench, 'bench_trust', 3);
    await fillVotes(pool);
    return {
      async round() {
        const startedAt = performance.now();
        await recomputeTrust(pool, '');
        return {
          'trust.recompute': (performance.now() - startedAt) / 1000,
          'trust.memory': process.memoryUsage().rss / 1_000_000,
        };
      },
      stop: () => pool.end(),
    };
  },
};
