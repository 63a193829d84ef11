import type { Agenda } from '../agenda.js';
import type { FaultSwitches } from '../faults.js';

export interface Job {
  readonly webhookId: bigint;
  readonly topic: string;
  readonly orderId: bigint;
}

/** A job that is due later than this does not stand in for a new one. */
const COALESCED_SECONDS = 600;
/** How long a job that is sent behind the next one waits for that. */
const HELD_SECONDS = 60;

export interface DeliveryQueueOptions {
  readonly agenda: Agenda;
  readonly faults: FaultSwitches;
  readonly now: () => number;
  /** How long a job waits for a runner. */
  readonly waitSeconds: () => number;
  readonly deliver: (job: Job) => Promise<void>;
}

/** The queue of deliveries: one waiting job per webhook and order; one that runs is not waiting any more. */
export class DeliveryQueue {
  readonly #waiting = new Map<string, number>();
  #held: Job | undefined;
  #runs = 0;

  constructor(private readonly options: DeliveryQueueOptions) {}

  /** Jobs that wait or run. */
  get size(): number {
    return this.#waiting.size + this.#runs + (this.#held === undefined ? 0 : 1);
  }

  add(job: Job): void {
    const { agenda, faults, now, waitSeconds } = this.options;
    const key = `${job.webhookId}/${job.orderId}`;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined && waiting < now() + COALESCED_SECONDS) return;
    const due = now() + waitSeconds() + faults.lateBySeconds(job.topic);
    this.#waiting.set(key, due);
    agenda.add(due, () => {
      if (this.#waiting.get(key) === due) this.#waiting.delete(key);
      return this.#run(job);
    });
  }

  async #run(job: Job): Promise<void> {
    const { agenda, faults, now } = this.options;
    if (this.#held === undefined && faults.reorders(job.topic)) {
      this.#held = job;
      agenda.add(now() + HELD_SECONDS, () =>
        this.#held === job ? this.#releaseHeld() : undefined,
      );
      return;
    }
    await this.#deliver(job);
    await this.#releaseHeld();
  }

  async #releaseHeld(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) await this.#deliver(held);
  }

  async #deliver(job: Job): Promise<void> {
    this.#runs += 1;
    try {
      await this.options.deliver(job);
    } finally {
      this.#runs -= 1;
    }
  }
}
