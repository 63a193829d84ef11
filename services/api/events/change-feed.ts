type Kind = 'account' | 'action' | 'item';

/** Tells those who follow an account, an action or an item that something about it may have changed. It does not say what. */
export class ChangeFeed {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Returns a function that ends it. */
  subscribe(topic: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(topic);
    };
  }

  publish(topics: Iterable<string>): void {
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener();
  }

  /** Whether anybody follows anything of that kind. */
  follows(kind: Kind): boolean {
    for (const topic of this.#listeners.keys()) if (topic.startsWith(`${kind}/`)) return true;
    return false;
  }

  get isFollowed(): boolean {
    return this.#listeners.size > 0;
  }
}

export function accountTopic(account: string): string {
  return `account/${account}`;
}

export function actionTopic(action: string): string {
  return `action/${action}`;
}

export function itemTopic(item: string): string {
  return `item/${item}`;
}
