import type { Edges } from './edges.js';

const ROUNDS = 40;
/** What goes on along the edges; the rest begins at the seeds again. */
const FOLLOWED = 0.17;

/**
 * Trust that begins at the seeds and follows the edges, scaled to 0..1 between the least and the greatest of those who are no seeds and
 * have any; a seed that has more has 1. (The peer's z-scores in between change nothing: they are scaled away.)
 */
export function spread(edges: readonly Edges[], seeds: ReadonlySet<number>): Float64Array {
  const start = new Float64Array(edges.length);
  for (const seed of seeds) start[seed] = 1 / seeds.size;
  let trust: Float64Array = start;
  for (let round = 0; round < ROUNDS; round += 1) trust = follow(edges, trust, start);
  return scale(trust, seeds);
}

function follow(edges: readonly Edges[], trust: Float64Array, start: Float64Array): Float64Array {
  const next = start.map((of) => (1 - FOLLOWED) * of);
  edges.forEach(({ targets, weights }, from) => {
    const given = FOLLOWED * (trust[from] ?? 0);
    if (given === 0) return;
    for (let n = 0; n < targets.length; n += 1) {
      const to = targets[n] ?? 0;
      next[to] = (next[to] ?? 0) + given * (weights[n] ?? 0);
    }
  });
  return next;
}

function scale(trust: Float64Array, seeds: ReadonlySet<number>): Float64Array {
  let least = Infinity;
  let greatest = -Infinity;
  trust.forEach((of, account) => {
    if (of === 0 || seeds.has(account)) return;
    least = Math.min(least, of);
    greatest = Math.max(greatest, of);
  });
  return trust.map((of) => {
    if (of === 0) return 0;
    // Nobody but seeds has any, or all have the same.
    if (greatest <= least) return 1;
    return Math.min(1, Math.max(0, (of - least) / (greatest - least)));
  });
}
