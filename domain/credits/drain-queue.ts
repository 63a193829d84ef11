import { isExpiredAt, type Lot } from './lot.js';
import { byEmission, byExpiration } from './order.js';
import type { DrainOrder } from './drain-policy.js';
import type { Us } from './time.js';

/** A lot during a replay; only the amounts change. */
export interface LiveLot extends Lot {
  amount: bigint;
  remaining: bigint;
}

/** The lots that can still be drained, in drain order. Time only moves forward. */
export class DrainQueue {
  #order: DrainOrder = 'emission';
  /** From `#head` on, sorted by the order. */
  #lots: LiveLot[] = [];
  #head = 0;

  add(lot: LiveLot): void {
    const place = this.#placeOf(lot);
    // A refund into a lot that is not empty: it is already in the queue.
    if (this.#lots[place] === lot) return;
    if (place === this.#lots.length) this.#lots.push(lot);
    else this.#lots.splice(place, 0, lot);
  }

  /** The first lots that cover the amount, or all lots, in drain order. Drops the expired lots before them. */
  first(amount: bigint, order: DrainOrder, at: Us): readonly LiveLot[] {
    this.#sortBy(order);
    const found: LiveLot[] = [];
    let sum = 0n;
    let place = this.#head;
    for (; place < this.#lots.length && sum < amount; place += 1) {
      const lot = this.#lots[place];
      if (lot === undefined || isExpiredAt(lot.expiresUs, at)) continue;
      found.push(lot);
      sum += lot.remaining;
    }
    this.#replaceHead(place, found);
    return found;
  }

  dropEmpty(): void {
    while (this.#lots[this.#head]?.remaining === 0n) this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#lots.length) {
      this.#lots.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Writes the inspected lots back without the expired ones, so that each is skipped only once. */
  #replaceHead(end: number, valid: readonly LiveLot[]): void {
    const start = end - valid.length;
    for (const [offset, lot] of valid.entries()) this.#lots[start + offset] = lot;
    this.#head = start;
  }

  #sortBy(order: DrainOrder): void {
    if (order === this.#order) return;
    this.#order = order;
    this.#lots = this.#lots.slice(this.#head).sort(this.#compare);
    this.#head = 0;
  }

  get #compare(): typeof byEmission {
    return this.#order === 'emission' ? byEmission : byExpiration;
  }

  #placeOf(lot: LiveLot): number {
    let low = this.#head;
    let high = this.#lots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#lots[middle];
      if (other !== undefined && this.#compare(other, lot) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
