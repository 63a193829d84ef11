const KEEP_MS = 5_000;
const MOST_STORES = 10_000;

/** Secrets of stores, so that a delivery needs one transaction and no other query. */
export class SecretCache {
  readonly #kept = new Map<
    string,
    { readonly secrets: readonly string[]; readonly until: number }
  >();

  constructor(private readonly read: (store: string) => Promise<readonly string[] | undefined>) {}

  /** Undefined: there is no such store. `fresh`: as they are now, since a secret may have been added. */
  async get(store: string, { fresh = false } = {}): Promise<readonly string[] | undefined> {
    const kept = this.#kept.get(store);
    if (!fresh && kept !== undefined && kept.until > performance.now()) return kept.secrets;
    const secrets = await this.read(store);
    this.#kept.delete(store);
    if (secrets === undefined) return undefined;
    if (this.#kept.size >= MOST_STORES) this.#kept.clear();
    this.#kept.set(store, { secrets, until: performance.now() + KEEP_MS });
    return secrets;
  }
}
