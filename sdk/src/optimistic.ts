import type { ActionCalls } from './action-calls.js';
import { NoAnswerError, QuittanceError } from './errors.js';
import { pause } from './pause.js';
import { randomId } from './random-id.js';
import type { Action, OpenActionRequest, PaymentChoice } from './types.js';

/**
 * What a front end shows. `local`: what it expects, before the server has answered, also while offline. `pending`: the server has it,
 * and it is not paid yet. `paid`. `failed`: undone; `retry` may do it again.
 */
export type Stage = 'local' | 'pending' | 'paid' | 'failed';

export interface Progress<L> {
  readonly stage: Stage;
  /** What the front end has made up for the time being. */
  readonly local: L;
  /** As the server has it; undefined while `local`, and where opening was refused. */
  readonly action?: Action;
  /** Only of an action without an account: keep it. */
  readonly capability?: string;
  /** Why it failed, where the server refused. */
  readonly error?: QuittanceError;
  /** Whether the server was out of reach when it was last asked: it is asked again. */
  readonly offline: boolean;
}

export interface OptimisticOptions<L> {
  readonly local: L;
  /** Called at every change, and not before the call has returned. */
  readonly onChange?: (progress: Progress<L>) => void;
  /** Random when left out. With one of your own, kept on the device, the same action is found again after a reload. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** Between reads of an action that waits to be paid. */
const READ_EVERY_MS = 1_000;

/**
 * An action that a front end shows at once. It opens it, repeating the request with the same key until there is an answer, and follows
 * it to its end, however long the server is out of reach meanwhile.
 */
export class OptimisticAction<L> {
  readonly #client: ActionCalls;
  readonly #request: OpenActionRequest;
  readonly #options: OptimisticOptions<L>;
  readonly #listeners = new Set<(progress: Progress<L>) => void>();
  #progress: Progress<L>;
  #following: Promise<Progress<L>>;

  constructor(client: ActionCalls, request: OpenActionRequest, options: OptimisticOptions<L>) {
    this.#client = client;
    this.#request = request;
    this.#options = options;
    this.#progress = { stage: 'local', local: options.local, offline: false };
    if (options.onChange !== undefined) this.#listeners.add(options.onChange);
    this.#following = this.#open();
    this.#following.catch(() => undefined);
  }

  get progress(): Progress<L> {
    return this.#progress;
  }

  /** Resolves with `paid` or `failed`. Rejects when the signal is aborted. After {@link retry}: of the new attempt. */
  get ended(): Promise<Progress<L>> {
    return this.#following;
  }

  /** Returns what ends the subscription. */
  subscribe(listener: (progress: Progress<L>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows it as local again, and tries again: a new attempt, or the opening where that was refused. */
  retry(payment: PaymentChoice = {}): Promise<Progress<L>> {
    const { action, stage } = this.#progress;
    if (stage !== 'failed') return this.#following;
    this.#change({ stage: 'local', ...(action === undefined ? {} : { action }) });
    this.#following = action === undefined ? this.#open() : this.#again(action, payment);
    this.#following.catch(() => undefined);
    return this.#following;
  }

  /** Gives it up, unless it was paid first. Also ends what wallets may still pay. */
  async cancel(): Promise<void> {
    const { action } = this.#progress;
    if (action !== undefined) this.#see(await this.#client.cancelAction(action.id, this.#proof()));
  }

  async #open(): Promise<Progress<L>> {
    const idempotencyKey = this.#options.idempotencyKey ?? randomId();
    // Not before the caller has what it subscribes to.
    await Promise.resolve();
    const opened = await this.#untilAnswered(() =>
      this.#client.openAction(this.#request, { ...this.#signal(), idempotencyKey }),
    );
    if (opened === undefined) return this.#progress;
    if (opened.capability !== undefined) {
      this.#progress = { ...this.#progress, capability: opened.capability };
    }
    return this.#follow(opened.action);
  }

  async #again({ id, attempts }: Action, payment: PaymentChoice): Promise<Progress<L>> {
    const attempt = attempts.at(-1)?.attempt ?? 1;
    const options = { ...this.#proof(), ...this.#signal(), idempotencyKey: randomId() };
    const retried = await this.#untilAnswered(() =>
      this.#client.retryAction(id, attempt, payment, options),
    );
    return retried === undefined ? this.#progress : this.#follow(retried);
  }

  async #follow(first: Action): Promise<Progress<L>> {
    this.#see(first);
    for (;;) {
      const { action, stage } = this.#progress;
      if (action === undefined || stage === 'paid' || stage === 'failed') return this.#progress;
      await pause(READ_EVERY_MS, this.#options.signal);
      const read = await this.#untilAnswered(() =>
        this.#client.getAction(action.id, { ...this.#proof(), ...this.#signal() }),
      );
      if (read !== undefined) this.#see(read);
    }
  }

  /** Undefined where the server refuses. Out of reach, it is asked again and again. */
  async #untilAnswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        const answer = await ask();
        if (this.#progress.offline) this.#change({ offline: false });
        return answer;
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (error instanceof QuittanceError && error.status < 500 && error.status !== 429) {
          this.#change({ stage: 'failed', error, offline: false });
          return undefined;
        }
        if (!(error instanceof QuittanceError) && !(error instanceof NoAnswerError)) throw error;
        if (!this.#progress.offline) this.#change({ offline: true });
        await pause(wait, this.#options.signal);
      }
    }
  }

  #see(action: Action): void {
    const stage = stageOf(action);
    const before = this.#progress.action;
    const same = before !== undefined && JSON.stringify(before) === JSON.stringify(action);
    if (same && stage === this.#progress.stage) return;
    this.#change({ stage, action });
  }

  #change(change: Partial<Progress<L>>): void {
    const { stage, local, action, capability, offline } = this.#progress;
    // An error is of the change that it came with.
    this.#progress = {
      ...{ stage, local, offline },
      ...(action === undefined ? {} : { action }),
      ...(capability === undefined ? {} : { capability }),
      ...change,
    };
    for (const listener of this.#listeners) listener(this.#progress);
  }

  #proof(): { readonly capability?: string } {
    const { capability } = this.#progress;
    return capability === undefined ? {} : { capability };
  }

  #signal(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }
}

function stageOf({ state }: Action): Stage {
  if (state === 'PAID') return 'paid';
  return state === 'FAILED' ? 'failed' : 'pending';
}
