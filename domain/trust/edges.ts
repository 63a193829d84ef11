import { wilsonInterval } from '../intake/wilson.js';
import type { Seen, VoteIndex } from './votes.js';

/** How much one account trusts others, together 1: the numbers of the others, and of each how much. */
export interface Edges {
  readonly targets: Int32Array;
  readonly weights: Float32Array;
}

/**
 * The trust of one account in those who voted alike before it, by the rule of the peer: the lower bound of Wilson's interval for
 * (before - disagreed) successes in (all votes of the other - after) trials. `seen` is empty, and is emptied again.
 */
export function edgesOf(voter: number, votes: VoteIndex, seen: Seen): Edges {
  votes.see(voter, seen);
  const targets: number[] = [];
  const weights: number[] = [];
  let sum = 0;
  for (const other of seen.met) {
    const weight = edgeWeight({
      before: seen.before[other] ?? 0,
      after: seen.after[other] ?? 0,
      disagreed: seen.disagreed[other] ?? 0,
      votes: votes.votesOf(other).length,
    });
    if (weight <= 0) continue;
    targets.push(other);
    weights.push(weight);
    sum += weight;
  }
  seen.clear();
  return {
    targets: Int32Array.from(targets),
    weights: Float32Array.from(weights, (weight) => weight / sum),
  };
}

/** What one account has seen of another. */
interface Acquaintance {
  readonly before: number;
  readonly after: number;
  readonly disagreed: number;
  /** All votes of the other. */
  readonly votes: number;
}

export function edgeWeight({ before, after, disagreed, votes }: Acquaintance): number {
  const successes = before - disagreed;
  const trials = votes - after;
  if (successes < 0 || trials <= 0) return 0;
  return wilsonInterval(successes, trials).low;
}
