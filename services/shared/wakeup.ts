/** A wait that others can end early. A wake while nobody waits ends the next wait at once. One waiter at a time. */
export class Wakeup {
  #isPending = false;
  #endWait: (() => void) | undefined;

  wake(): void {
    this.#isPending = true;
    this.#endWait?.();
  }

  /** Resolves at the next wake, after `ms`, or when `signal` aborts. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isPending && signal?.aborted !== true) await this.#sleep(ms, signal);
    this.#isPending = false;
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#endWait = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
      this.#endWait = end;
    });
  }
}
