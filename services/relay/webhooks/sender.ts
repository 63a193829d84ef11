import type { Pool } from 'pg';
import { addressKinds } from '../../../adapters/webhooks/allowed-address.js';
import { NotSent, post, type PostOptions } from '../../../adapters/webhooks/post.js';
import { signedHeaders } from '../../../adapters/webhooks/signature.js';
import { failpoint } from '../../../engine/failpoint.js';
import type { StoreKeys } from '../../../engine/stored-secrets.js';
import {
  type DueMessage,
  recordTry,
  takeDue,
  type TryResult,
} from '../../../engine/webhooks/send-due.js';
import type { Logger } from '../../shared/logger.js';
import { WakeableLoop } from '../outbox/wakeable-loop.js';
import { backoffMs } from '../timing.js';

/** Messages under way at once, to all endpoints together. */
const AT_ONCE = 200;
const TIMEOUT_MS = 15_000;
/** Longer than a try can take. */
const LEASE_SECONDS = 30;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface SenderParts {
  readonly pool: Pool;
  readonly keys: StoreKeys;
  readonly logger: Logger;
  /** Private networks that may be sent to. */
  readonly networks: readonly string[];
  /** How often the deliveries are looked at when nobody wakes the loop. */
  readonly pollMs: number;
  /** Tests shorten it. */
  readonly timeoutMs?: number;
  readonly resolve?: PostOptions['resolve'];
}

/** Sends webhooks that are due, as long as the process runs. Each try stands for itself: none waits for another's. */
export class WebhookSender extends WakeableLoop {
  readonly #underway = new Set<Promise<void>>();
  readonly #options: PostOptions;
  #failures = 0;

  constructor(private readonly parts: SenderParts) {
    super();
    this.#options = {
      kindOf: addressKinds(parts.networks),
      timeoutMs: parts.timeoutMs ?? TIMEOUT_MS,
      ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }),
    };
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#beginSome().catch((error: unknown) => this.#backOff(error));
      if (waitMs > 0) await this.waitForWake(waitMs);
    }
    await Promise.all(this.#underway);
  }

  /** Returns how long to wait, unless woken: a try that ends wakes the loop. */
  async #beginSome(): Promise<number> {
    const room = AT_ONCE - this.#underway.size;
    if (room <= 0) return this.parts.pollMs;
    const due = await takeDue(this.parts, { room, leaseSeconds: LEASE_SECONDS });
    this.#failures = 0;
    for (const message of due) this.#begin(message);
    return due.length > 0 ? 0 : this.parts.pollMs;
  }

  #begin(message: DueMessage): void {
    const { endpoint } = message;
    const ended = this.#send(message).catch((err: unknown) => {
      // It is sent again, with the same id, when its lease has ended.
      this.parts.logger.warn({ err, endpoint }, 'what became of a webhook was not recorded');
    });
    const done = ended.finally(() => {
      this.#underway.delete(done);
      this.wake();
    });
    this.#underway.add(done);
  }

  async #send(message: DueMessage): Promise<void> {
    const { pool, logger } = this.parts;
    const { endpoint } = message;
    const result = await this.#try(message);
    await failpoint('after-webhook-before-record');
    const disabled = await recordTry(pool, message, result);
    if (disabled !== undefined) logger.info({ endpoint, disabled }, 'a webhook was disabled');
  }

  async #try({ url, signing, secrets, messageId: id, body }: DueMessage): Promise<TryResult> {
    const startedAt = performance.now();
    const tookMs = (): number => performance.now() - startedAt;
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = signedHeaders(signing, secrets, { id, timestamp, body });
    try {
      const status = await post({ url, headers, body }, this.#options);
      const error = status >= 200 && status < 300 ? null : `answered ${status}`;
      return { durationMs: tookMs(), status, error };
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      return { durationMs: tookMs(), status: null, error: error.message };
    }
  }

  /** PostgreSQL is down. */
  #backOff(err: unknown): number {
    const waitMs = backoffMs(this.#failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.#failures += 1;
    const level = this.#failures === 1 ? 'warn' : 'debug';
    this.parts.logger[level]({ err }, 'no webhooks can be taken; retrying');
    return waitMs;
  }
}
