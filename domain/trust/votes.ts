/** A vote for or against an item: all that one account paid on that side. */
export interface Vote {
  readonly item: bigint;
  readonly voter: string;
  readonly isFor: boolean;
  readonly msat: number;
  /** Seconds since 1970 of the first payment. */
  readonly at: number;
}

/** What one account has seen of each other one, by their numbers: in arrays that are used again for the next. */
export class Seen {
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly disagreed: Uint32Array;
  readonly #isMet: Uint8Array;
  #met: number[] = [];

  constructor(voters: number) {
    this.before = new Float64Array(voters);
    this.after = new Float64Array(voters);
    this.disagreed = new Uint32Array(voters);
    this.#isMet = new Uint8Array(voters);
  }

  /** Those of whom something was seen. */
  get met(): readonly number[] {
    return this.#met;
  }

  meet(other: number): void {
    if (this.#isMet[other] === 1) return;
    this.#isMet[other] = 1;
    this.#met.push(other);
  }

  clear(): void {
    for (const other of this.#met) {
      this.before[other] = 0;
      this.after[other] = 0;
      this.disagreed[other] = 0;
      this.#isMet[other] = 0;
    }
    this.#met = [];
  }
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

  /**
   * Adds what `voter` has seen of all others who voted on the same items: how alike the amounts were where they agreed, which is the
   * smaller in the larger, by whether the other was first; and how often they disagreed.
   */
  see(voter: number, seen: Seen): void {
    for (const mine of this.votesOf(voter)) {
      const from = this.#from[mine] ?? mine;
      const until = this.#until.get(from) ?? from;
      for (let vote = from; vote < until; vote += 1) this.#meet(voter, mine, vote, seen);
    }
  }

  #meet(voter: number, mine: number, vote: number, seen: Seen): void {
    const other = this.#voter[vote];
    if (other === undefined || other === voter) return;
    seen.meet(other);
    if (this.#isFor[mine] !== this.#isFor[vote]) {
      seen.disagreed[other] = (seen.disagreed[other] ?? 0) + 1;
      return;
    }
    const [a, b] = [this.#msat[mine] ?? 0, this.#msat[vote] ?? 0];
    const likeness = a < b ? a / b : b / a;
    const was = (this.#at[vote] ?? 0) < (this.#at[mine] ?? 0) ? seen.before : seen.after;
    was[other] = (was[other] ?? 0) + likeness;
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
