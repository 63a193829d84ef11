/** A vote for or against an item: all that one account paid on that side. */
export interface Vote {
  readonly item: bigint;
  readonly voter: string;
  readonly isFor: boolean;
  readonly msat: number;
  /** Seconds since 1970 of the first payment. */
  readonly at: number;
}

/** Votes in arrays, so that a million of them fit: those of one item stand together. */
export class VoteIndex {
  readonly voters: string[] = [];
  readonly #numberOf = new Map<string, number>();
  readonly #voter: number[] = [];
  readonly #isFor: boolean[] = [];
  readonly #msat: number[] = [];
  readonly #at: number[] = [];
  /** Of each vote, where the votes of its item begin; and where they end, by where they begin. */
  readonly #from: number[] = [];
  readonly #until = new Map<number, number>();
  readonly #votesOf: number[][] = [];
  #item: bigint | undefined;

  /** Votes of one item are added one after the other. */
  add({ item, voter, isFor, msat, at }: Vote): void {
    const place = this.#voter.length;
    const begins = item === this.#item ? (this.#from[place - 1] ?? place) : place;
    this.#item = item;
    const number = this.#number(voter);
    this.#voter.push(number);
    this.#isFor.push(isFor);
    this.#msat.push(msat);
    this.#at.push(at);
    this.#from.push(begins);
    this.#until.set(begins, place + 1);
    this.#votesOf[number]?.push(place);
  }

  votesOf(voter: number): readonly number[] {
    return this.#votesOf[voter] ?? [];
  }

  /** Every other account's vote on an item that `voter` has voted on, beside that vote. */
  forEachMeeting(voter: number, visit: (meeting: Meeting) => void): void {
    for (const mine of this.votesOf(voter)) {
      const from = this.#from[mine] ?? mine;
      const until = this.#until.get(from) ?? from;
      for (let other = from; other < until; other += 1) {
        const who = this.#voter[other];
        if (who === undefined || who === voter) continue;
        visit({
          other: who,
          agree: this.#isFor[mine] === this.#isFor[other],
          before: (this.#at[other] ?? 0) < (this.#at[mine] ?? 0),
          likeness: likeness(this.#msat[mine] ?? 0, this.#msat[other] ?? 0),
        });
      }
    }
  }

  #number(voter: string): number {
    const known = this.#numberOf.get(voter);
    if (known !== undefined) return known;
    const number = this.voters.length;
    this.#numberOf.set(voter, number);
    this.voters.push(voter);
    this.#votesOf.push([]);
    return number;
  }
}

/** Two votes on one item, seen from one of the voters. */
export interface Meeting {
  readonly other: number;
  readonly agree: boolean;
  /** The other was first. */
  readonly before: boolean;
  /** The smaller of the two amounts in the larger. */
  readonly likeness: number;
}

function likeness(a: number, b: number): number {
  return Math.min(a, b) / Math.max(a, b);
}
