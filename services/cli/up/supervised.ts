import { setTimeout as pause } from 'node:timers/promises';
import { CommandError } from '../run-command.js';
import { Child, type ChildSpec } from './child.js';
import { lastComplaint } from './complaint.js';
import { waitReady } from './wait-ready.js';

export interface SupervisedOptions {
  readonly report: (line: string) => void;
  /** How long a process may take to become ready. */
  readonly readyMs: number;
  /** How long it may take to drain. */
  readonly stopMs: number;
  /** The pause before the first restart; doubled with each that does not help. */
  readonly firstPauseMs?: number;
  /** Until then. */
  readonly longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** One that ran this long has recovered: the next crash is a new story. */
const RECOVERED_AFTER_MS = 60_000;

const NOT_READY = 'was not ready in time';

/** A process that is started again whenever it ends by itself. */
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

  /** Where it shows its health; it may change with a restart. */
  get url(): string {
    if (this.#url === undefined) throw new Error(`${this.spec.name} was not ready yet`);
    return this.#url;
  }

  /** Resolves when it is ready; rejects when it ends before that or takes too long. */
  async start(): Promise<void> {
    const { child, failure } = await this.#startOnce();
    if (failure !== undefined) {
      throw new CommandError(failure, `its log is ${this.spec.logFile}`);
    }
    this.#watching = this.#watch(child);
  }

  /** Drains it; kills it when that takes too long. It is not started again. */
  stop(): Promise<void> {
    // Once only: a second SIGTERM would end the drain.
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

  /** One run; `failure` says why it did not become ready, and then it has ended. */
  async #startOnce(): Promise<{ readonly child: Child; readonly failure?: string }> {
    const child = new Child(this.spec);
    this.#child = child;
    const over = new AbortController();
    const tooLong = AbortSignal.timeout(this.options.readyMs);
    const giveUp = AbortSignal.any([this.#stop.signal, tooLong, over.signal]);
    let lacks = '';
    const failure = await Promise.race([
      this.#becomesReady(child, giveUp, (what) => (lacks = what)),
      child.ended.then((how) => `ended (${how}) before it was ready`),
      aborted(giveUp).then(() => NOT_READY),
    ]);
    over.abort();
    if (failure === undefined) return { child };
    // Before it is stopped and lacks everything.
    const lacking = failure === NOT_READY && lacks !== '' ? ` (${lacks})` : '';
    // Not twice: whoever stops us has told it already.
    if (!this.#isStopped()) await child.stop(this.options.stopMs);
    const complaint = await lastComplaint(this.spec.logFile);
    const why = complaint === undefined ? '' : `: ${complaint}`;
    return { child, failure: `${this.spec.name} ${failure}${lacking}${why}` };
  }

  async #becomesReady(
    child: Child,
    giveUp: AbortSignal,
    lacks: (what: string) => void,
  ): Promise<string | undefined> {
    this.#url = await child.url;
    return waitReady(this.#url, giveUp, lacks).then(
      () => undefined,
      () => NOT_READY,
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
      report(`${this.spec.name} ended (${how}): starting it again in ${pauseMs / 1000} s`);
      await pause(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#isStopped()) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  async #startAgain(): Promise<Child> {
    const { child, failure } = await this.#startOnce();
    if (!this.#isStopped()) {
      this.options.report(failure ?? `${this.spec.name} runs again (process ${child.pid ?? '?'})`);
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
