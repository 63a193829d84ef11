import { wilsonInterval } from '../intake/wilson.js';
import type { VoteIndex } from './votes.js';

/** How much one account trusts others, together 1: the numbers of the others, and of each how much. */
export interface Edges {
  readonly targets: readonly number[];
  readonly weights: readonly number[];
}

/** What one account has seen of another. */
interface Seen {
  before: number;
  after: number;
  disagreed: number;
}

/**
 * The trust of one account in those who voted alike before it, by the rule of the peer: the lower bound of Wilson's interval for
 * (before - disagreed) successes in (all votes of the other - after) trials.
 */
export function edgesOf(voter: number, votes: VoteIndex): Edges {
  const seen = new Map<number, Seen>();
  votes.forEachMeeting(voter, ({ other, agree, before, likeness }) => {
    const of = seen.get(other) ?? { before: 0, after: 0, disagreed: 0 };
    seen.set(other, of);
    if (!agree) of.disagreed += 1;
    else if (before) of.before += likeness;
    else of.after += likeness;
  });
  const trusted = [...seen].flatMap(([other, { before, after, disagreed }]) => {
    const weight = edgeWeight({ before, after, disagreed, votes: votes.votesOf(other).length });
    return weight > 0 ? [{ other, weight }] : [];
  });
  const sum = trusted.reduce((total, { weight }) => total + weight, 0);
  return {
    targets: trusted.map(({ other }) => other),
    weights: trusted.map(({ weight }) => weight / sum),
  };
}

export function edgeWeight(of: Seen & { readonly votes: number }): number {
  const successes = of.before - of.disagreed;
  const trials = of.votes - of.after;
  if (successes < 0 || trials <= 0) return 0;
  return wilsonInterval(successes, trials).low;
}
