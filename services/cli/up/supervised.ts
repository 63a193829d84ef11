import { setTimeout as pause } from 'node:timers/promises';
import { CommandError } from '../run-command.js';
import { Child, type ChildSpec } from './child.js';
import { lastErrorIn } from './last-error.js';
import { waitReady } from './wait-ready.js';

export interface SupervisedOptions {
  readonly report: (line: string) => void;
  /** How long a process may take to become ready. */
  readonly readyMs: number;
  /** How long it may take to drain. */
  readonly stopMs: number;
  /** The pause before the first restart; doubled after each failed one. */
  readonly firstPauseMs?: number;
  /** The pause does not grow beyond this. */
  readonly longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After running this long it has recovered: the next pause is the first one again. */
const RECOVERED_AFTER_MS = 60_000;

const NOT_READY = 'was not ready in time';
const STOPPED = 'was stopped before it was ready';

/** A process that is restarted whenever it ends by itself. */
export class Supervised {
  #child: Child | undefined;
  #url: string | undefined;
  #watching: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(
    readonly spec: ChildSpec,
    private readonly options: SupervisedOptions,
  ) {}

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it was started. */
  get isStarted(): boolean {
    return this.#child !== undefined;
  }

  /** Where its /readyz is; may change with a restart. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`${this.spec.name} was not ready yet`);
    return this.#url;
  }

  /** Resolves when it is ready; rejects when it ends before that or takes too long. */
  async start(): Promise<void> {
    if (this.#isStopped()) throw new CommandError(`${this.spec.name} was stopped`, 'start it anew');
    const { child, failure } = await this.#startOnce();
    if (failure !== undefined) {
      throw new CommandError(failure, `read its log, ${this.spec.logFile}`);
    }
    this.#watching = this.#watch(child);
  }

  /** Drains it; kills it when that takes too long. It is not restarted. */
  stop(): Promise<void> {
    // Once only: a second SIGTERM would abort the drain.
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  kill(): void {
    this.#stop.abort();
    this.#child?.kill();
  }

  async #stopOnce(): Promise<void> {
    this.#stop.abort();
    await this.#child?.stop(this.options.stopMs);
    await this.#watching;
  }

  /** One run. `failure` says why it did not become ready; it has ended then. */
  async #startOnce(): Promise<{ readonly child: Child; readonly failure?: string }> {
    const child = new Child(this.spec);
    this.#child = child;
    const over = new AbortController();
    const tooLong = AbortSignal.timeout(this.options.readyMs);
    const giveUp = AbortSignal.any([this.#stop.signal, tooLong, over.signal]);
    let failing = '';
    const failure = await Promise.race([
      this.#becomesReady(child, giveUp, (checks) => (failing = checks)),
      child.ended.then((how) => `ended (${how}) before it was ready`),
      aborted(giveUp).then(() => (this.#isStopped() ? STOPPED : NOT_READY)),
    ]);
    over.abort();
    if (failure === undefined) return { child };
    // Read before it is stopped, when every check fails.
    const wasAsked = failure === NOT_READY || failure === STOPPED;
    const checks = wasAsked && failing !== '' ? ` (${failing})` : '';
    // Not twice: stop() has sent SIGTERM already.
    if (!this.#isStopped()) await child.stop(this.options.stopMs);
    const error = await lastErrorIn(this.spec.logFile);
    const why = error === undefined ? '' : `: ${error}`;
    return { child, failure: `${this.spec.name} ${failure}${checks}${why}` };
  }

  async #becomesReady(
    child: Child,
    giveUp: AbortSignal,
    onFailing: (checks: string) => void,
  ): Promise<string | undefined> {
    this.#url = await child.url;
    return waitReady(this.#url, giveUp, onFailing).then(
      () => undefined,
      () => (this.#isStopped() ? STOPPED : NOT_READY),
    );
  }

  async #watch(first: Child): Promise<void> {
    const {
      report,
      firstPauseMs = FIRST_PAUSE_MS,
      longestPauseMs = LONGEST_PAUSE_MS,
    } = this.options;
    let pauseMs = firstPauseMs;
    for (let child = first; ; child = await this.#startAgain()) {
      const how = await child.ended;
      if (this.#isStopped()) return;
      if (child.ageMs > RECOVERED_AFTER_MS) pauseMs = firstPauseMs;
      report(`${this.spec.name} ended (${how}): restarting it in ${pauseMs / 1000} s`);
      await pause(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#isStopped()) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  async #startAgain(): Promise<Child> {
    const { child, failure } = await this.#startOnce();
    if (!this.#isStopped()) {
      this.options.report(
        failure ?? `${this.spec.name} is running again (process ${child.pid ?? '?'})`,
      );
    }
    return child;
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
