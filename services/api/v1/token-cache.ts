import type { Pool } from 'pg';
import { authenticate, type Authenticated, hashToken } from '../../../engine/accounts/tokens.js';

const CACHE_MS = 5_000;
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly account: Authenticated;
  readonly until: number;
}

/**
 * Caches tokens, by their hash, to save a query per request. A token revoked by another process is accepted for up to five more
 * seconds. Unknown tokens are not cached.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  /** Hashes of tokens that were valid when they were last looked up, the longest unseen first. */
  readonly #known = new Set<string>();
  #cleared = 0;

  constructor(
    readonly cacheMs = CACHE_MS,
    private readonly lookUp: typeof authenticate = authenticate,
  ) {}

  async authenticate(pool: Pool, token: string): Promise<Authenticated | undefined> {
    const key = hashToken(token).toString('base64');
    const cached = this.#entries.get(key);
    if (cached !== undefined && performance.now() < cached.until) return cached.account;
    this.#entries.delete(key);
    const [readAt, cleared] = [performance.now(), this.#cleared];
    const account = await this.lookUp(pool, token);
    this.#known.delete(key);
    if (account === undefined) return undefined;
    this.#remember(key);
    // It may have been read before a revocation that was answered meanwhile.
    if (cleared !== this.#cleared) return account;
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, { account, until: readAt + this.cacheMs });
    return account;
  }

  /** Whether it was valid when it was last looked up here. It may have ended since. */
  wasValid(token: string): boolean {
    return this.#known.has(hashToken(token).toString('base64'));
  }

  #remember(key: string): void {
    this.#known.add(key);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
  }

  /** To be called after tokens were revoked by this process. */
  clear(): void {
    this.#cleared += 1;
    this.#entries.clear();
  }
}
