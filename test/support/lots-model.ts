/** A lot of the simple model, in which time passes in whole hours. */
interface ModelLot {
  left: bigint;
  /** The hour at which it expires; null: never. */
  readonly expires: number | null;
}

/** The amount drained from a lot. */
type Slice = readonly [ModelLot, bigint];

/** A simple model of paying from lots, the oldest first. What never expires is one lot while there is something in it. */
export class LotsModel {
  readonly #lots = new Map<number, ModelLot[]>();
  #hour = 0;

  /** `hours` until the lot expires; null: never. */
  grant(who: number, msat: bigint, hours: number | null): void {
    const expires = hours === null ? null : this.#hour + hours;
    const merged = this.#of(who).find((lot) => lot.expires === null && lot.left > 0n);
    if (hours === null && merged !== undefined) merged.left += msat;
    else if (msat > 0n) this.#of(who).push({ left: msat, expires });
  }

  spendable(who: number): bigint {
    return this.#sum(this.#valid(who));
  }

  /** The balance of the double entry: with lots that have expired and were not swept. */
  balance(who: number): bigint {
    return this.#sum(this.#of(who));
  }

  /** Throws when the amount is not covered. */
  debit(who: number, msat: bigint): readonly Slice[] {
    let short = msat;
    const slices: Slice[] = [];
    for (const lot of this.#valid(who)) {
      const amount = lot.left < short ? lot.left : short;
      lot.left -= amount;
      short -= amount;
      if (amount > 0n) slices.push([lot, amount]);
    }
    if (short > 0n) throw new Error('the debit is not covered in the model');
    return slices;
  }

  refund(who: number, slices: readonly Slice[], graceHours: number): void {
    for (const [lot, amount] of slices) {
      if (lot.expires === null) this.grant(who, amount, null);
      else if (this.#isValid(lot)) lot.left += amount;
      else this.grant(who, amount, graceHours);
    }
  }

  pass(hours: number): void {
    this.#hour += hours;
  }

  /** Removes what has expired, and returns its sum. */
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

  /** Lots that are not empty, the oldest first: what is left, and in how many hours it expires. */
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
