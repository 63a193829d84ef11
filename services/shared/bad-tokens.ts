import { networkOf } from '../../engine/accounts/origin.js';
import { Refusal } from '../../domain/refusal.js';

const MINUTE_MS = 60_000;
/** Addresses that are counted at once; with more, the oldest are forgotten. */
const MAX_NETWORKS = 10_000;

interface Count {
  bad: number;
  readonly until: number;
}

/**
 * Counts tokens that are not valid per network, for a minute each. A network with too many is refused before its next token is looked
 * up, unless that was valid before; it can still call what needs no token.
 */
export class BadTokens {
  readonly #counts = new Map<string, Count>();

  constructor(
    /** Per minute and network; 0 for any number. */
    readonly limit: number,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws Refusal `auth.too_many_bad_tokens`, with the seconds until it may try again. */
  refuseTooMany(address: string): void {
    const count = this.#counts.get(networkOf(address));
    if (this.limit === 0 || count === undefined || count.bad < this.limit) return;
    const left = count.until - this.now();
    if (left <= 0) return;
    throw new Refusal(
      'auth.too_many_bad_tokens',
      'too many tokens from this address were not valid',
      [],
      Math.ceil(left / 1000),
    );
  }

  count(address: string): void {
    const network = networkOf(address);
    const now = this.now();
    const count = this.#counts.get(network);
    if (count !== undefined && now < count.until) {
      count.bad += 1;
      return;
    }
    this.#counts.delete(network);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= MAX_NETWORKS && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(network, { bad: 1, until: now + MINUTE_MS });
  }
}
