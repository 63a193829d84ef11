/** Lots as naively as can be: of one account, the oldest first, with time in whole hours. */
interface ModelLot {
  left: bigint;
  /** Valid before this hour; null: for ever. */
  readonly expires: number | null;
}

/** What was taken from which lot. */
type Slice = readonly [ModelLot, bigint];

/** The rules of paying from lots, said another way. */
export class LotsModel {
  readonly #lots = new Map<number, ModelLot[]>();
  #hour = 0;

  /** Hours until it expires; null: never. */
  give(who: number, msat: bigint, hours: number | null): void {
    const expires = hours === null ? null : this.#hour + hours;
    this.#of(who).push({ left: msat, expires });
  }

  spendable(who: number): bigint {
    return this.#sum(this.#valid(who));
  }

  /** What the double entry says: with what has expired and was not acted upon. */
  balance(who: number): bigint {
    return this.#sum(this.#of(who));
  }

  /** Only what is covered. */
  take(who: number, msat: bigint): readonly Slice[] {
    let wanted = msat;
    const slices: Slice[] = [];
    for (const lot of this.#valid(who)) {
      const amount = lot.left < wanted ? lot.left : wanted;
      lot.left -= amount;
      wanted -= amount;
      if (amount > 0n) slices.push([lot, amount]);
    }
    if (wanted > 0n) throw new Error('the model was asked for more than there is');
    return slices;
  }

  giveBack(who: number, slices: readonly Slice[], graceHours: number): void {
    for (const [lot, amount] of slices) {
      if (this.#isValid(lot)) lot.left += amount;
      else this.give(who, amount, graceHours);
    }
  }

  pass(hours: number): void {
    this.#hour += hours;
  }

  /** What has expired is gone; its sum. */
  sweep(): bigint {
    let swept = 0n;
    for (const lots of this.#lots.values()) {
      for (const lot of lots) {
        if (this.#isValid(lot)) continue;
        swept += lot.left;
        lot.left = 0n;
      }
    }
    return swept;
  }

  /** Lots with something left, the oldest first: what is left, and in how many hours it expires. */
  lots(who: number): readonly { readonly left: bigint; readonly hours: number | null }[] {
    return this.#of(who)
      .filter(({ left }) => left > 0n)
      .map(({ left, expires }) => ({
        left,
        hours: expires === null ? null : expires - this.#hour,
      }));
  }

  #of(who: number): ModelLot[] {
    const lots = this.#lots.get(who) ?? [];
    this.#lots.set(who, lots);
    return lots;
  }

  #valid(who: number): ModelLot[] {
    return this.#of(who).filter((lot) => this.#isValid(lot));
  }

  #isValid({ expires }: ModelLot): boolean {
    return expires === null || expires > this.#hour;
  }

  #sum(lots: readonly ModelLot[]): bigint {
    return lots.reduce((sum, { left }) => sum + left, 0n);
  }
}
