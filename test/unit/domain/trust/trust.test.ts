import { describe, expect, it } from 'vitest';
import { type Edges, edgesOf, edgeWeight } from '../../../../domain/trust/edges.js';
import { spread } from '../../../../domain/trust/spread.js';
import { Seen, type Vote, VoteIndex } from '../../../../domain/trust/votes.js';
import { wilsonInterval } from '../../../../domain/intake/wilson.js';

const indexOf = (votes: readonly Vote[]): VoteIndex => {
  const index = new VoteIndex();
  for (const vote of votes) index.add(vote);
  return index;
};
const vote = (item: number, voter: string, at: number, msat = 10_000, isFor = true): Vote => ({
  ...{ item: BigInt(item), voter, at, msat, isFor },
});

const edgesTo = (targets: readonly number[], weights: readonly number[]): Edges => ({
  targets: Int32Array.from(targets),
  weights: Float32Array.from(weights),
});

describe('an edge', () => {
  it('is the lower bound of Wilson’s interval: of 8 in 10 it is 0.4902', () => {
    expect(wilsonInterval(8, 10).low).toBeCloseTo(0.4902, 4);
    const weight = edgeWeight({ before: 9, disagreed: 1, after: 2, votes: 12 });
    expect(weight).toBeCloseTo(0.4902, 4);
  });

  it('is nothing where they disagreed more often, or nothing is left to go by', () => {
    expect(edgeWeight({ before: 1, disagreed: 2, after: 0, votes: 10 })).toBe(0);
    expect(edgeWeight({ before: 1, disagreed: 0, after: 3, votes: 3 })).toBe(0);
  });

  it('goes to those who voted alike before, by how alike the amounts are', () => {
    const votes = indexOf([
      ...[vote(1, 'early', 1), vote(1, 'late', 2)],
      ...[vote(2, 'early', 1, 5_000), vote(2, 'late', 2), vote(2, 'other', 3)],
      ...[vote(3, 'other', 1, 10_000, false), vote(3, 'late', 2)],
    ]);
    const [early, late, other] = ['early', 'late', 'other'].map((name) =>
      votes.voters.indexOf(name),
    );
    // Before `late` voted: early 1 + 0.5 of its 2 votes. `other` came after it once, and disagreed once.
    const seen = new Seen(votes.voters.length);
    expect(edgesOf(late ?? -1, votes, seen)).toEqual(edgesTo([early ?? -1], [1]));
    expect(edgesOf(early ?? -1, votes, seen)).toEqual(edgesTo([], []));
    const ofOther = edgesOf(other ?? -1, votes, seen);
    // With `late` once alike and once not: what is left is 0 of 2.
    expect([...ofOther.targets]).toEqual([early]);
  });
});

describe('trust', () => {
  it('begins at the seeds, and is scaled to 0..1 among the others', () => {
    // seed → a (0.8) and b (0.2); a → c.
    const edges = [
      edgesTo([1, 2], [0.8, 0.2]),
      edgesTo([3], [1]),
      edgesTo([], []),
      edgesTo([], []),
      edgesTo([0], [1]),
    ];
    const trust = spread(edges, new Set([0]));
    // With r = 0.17 and s = 0.83: a = 0.8 r s, b = 0.2 r s, c = r a. The least is c, the greatest a.
    const [a, b, c] = [0.8 * 0.17 * 0.83, 0.2 * 0.17 * 0.83, 0.17 * 0.8 * 0.17 * 0.83];
    expect(trust[0]).toBe(1);
    expect(trust[1]).toBeCloseTo(1, 12);
    expect(trust[2]).toBeCloseTo((b - c) / (a - c), 6);
    expect(trust[3]).toBeCloseTo(0, 12);
    // Who is trusted by nobody has none, whatever it trusts.
    expect(trust[4]).toBe(0);
  });

  it('is nothing without seeds', () => {
    expect([...spread([edgesTo([0], [1])], new Set())]).toEqual([0]);
  });
});
