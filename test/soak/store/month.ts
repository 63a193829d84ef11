import type { Pool } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { StoreControl } from '../../../simulators/store/control-client.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';

export const STORE = 'month';
/** Seconds of the store per second: thirty days are ten minutes. */
export const RATE = 4320;
export const START = new Date('2026-03-02T08:00:00Z');
/** A few seconds of ours are hours of the store. */
const HOUR = 3600;
const SYNC_MS = 300;

/** Times of the store in which a webhook was not active: nothing is sent then. */
export interface OffWindow {
  readonly from: Date;
  to: Date;
}

/** A store whose clock runs fast, beside the whole system. */
export class Month {
  readonly control: StoreControl;
  readonly offWindows: OffWindow[] = [];
  /** What time it was at the store, by that of ours. */
  readonly #times: { readonly ours: number; readonly theirs: number }[] = [];
  #running = true;
  #syncing: Promise<void> = Promise.resolve();
  /** Somebody looks after webhooks that were switched off. */
  mends = true;

  constructor(readonly system: System) {
    this.control = new StoreControl(system.parts.storeUrl);
  }

  get pool(): Pool {
    return this.system.pool;
  }

  async open(): Promise<void> {
    const { apiUrl, operatorToken, storeUrl } = this.system.parts;
    await this.control.reset({
      ...{ at: START.toISOString(), rate: 0, queueSeconds: { min: 1, max: 30 } },
      deliveryTimeoutMs: 500,
    });
    const response = await fetch(`${apiUrl}/v1/stores`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ id: STORE, url: storeUrl, name: 'A month', zone: 'Europe/Berlin' },
        ...{ createWebhooks: true, apiKey: { key: 'ck_simulated', secret: 'cs_simulated' } },
        settings: {
          ...{ graceSeconds: 6 * HOUR, reconcileSeconds: 3 * HOUR, overlapSeconds: 24 * HOUR },
          ...{ webhookPollSeconds: 3 * HOUR, silenceSeconds: HOUR },
        },
      }),
    });
    const answer = z.object({ webhooks: z.object({ created: z.literal(4) }) });
    answer.parse(await response.json());
    await this.pool.query(
      `update stores set clock_rate = $2, clock_store_at = $3::timestamptz, clock_database_at = clock_timestamp(),
         installed_at = $3, watermark = $3 where id = $1`,
      [STORE, RATE, START],
    );
    await this.pool.query('update store_tasks set due_at = clock_timestamp() where store = $1', [
      STORE,
    ]);
    // What is placed is later than the beginning.
    await this.control.setClock({ at: new Date(START.getTime() + 1000), rate: RATE });
    this.#syncing = this.#sync();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#syncing;
  }

  /** The store's clock is ours: it stands still while a delivery hangs. Also notes which webhooks are off, and has them mended. */
  async #sync(): Promise<void> {
    while (this.#running) {
      try {
        const [{ now }, webhooks] = await Promise.all([
          this.control.state(),
          this.control.webhooks(),
        ]);
        this.#times.push({ ours: Date.now(), theirs: now.getTime() });
        const off = webhooks.filter(({ status }) => status !== 'active');
        this.#noteOff(now, off.length > 0);
        if (this.mends) {
          for (const { id } of off) await this.control.changeWebhook(id, { status: 'active' });
        }
        await this.pool.query(
          `update stores set clock_store_at = $2, clock_database_at = clock_timestamp() where id = $1`,
          [STORE, now],
        );
      } catch {
        // A server is being restarted.
      }
      await pause(SYNC_MS);
    }
  }

  #noteOff(now: Date, isOff: boolean): void {
    if (!isOff) return;
    // Since the look before at the earliest.
    const slack = 10 * SYNC_MS * (RATE / 1000) * 1000;
    const last = this.offWindows.at(-1);
    if (last !== undefined && now.getTime() - last.to.getTime() <= slack) last.to = now;
    else this.offWindows.push({ from: new Date(now.getTime() - slack), to: now });
  }

  /** All deliveries are over, all of the store is read, and everything is judged. */
  async settled(): Promise<void> {
    const { now } = await this.control.state();
    await waitUntil(
      'all is read and judged',
      async () => {
        const { rows } = await this.pool.query<{ settled: boolean }>(
          `select watermark > $2::timestamptz + interval '1 day' and not exists (
             select from store_orders where store = $1 and judged_due_at < clock_timestamp() + interval '1 minute') and not exists (
             select from store_events where store = $1 and outcome is null and verified) and not exists (
             select from store_ids where store = $1 and class = 'waiting') as settled
           from stores where id = $1`,
          [STORE, now],
        );
        return rows[0]?.settled === true;
      },
      180_000,
    );
  }

  /** The time of the store at a time of ours: exact to some of its minutes, since it stands still while a delivery hangs. */
  storeTime(ours: Date): Date {
    const at = ours.getTime();
    const after = this.#times.find((one) => one.ours >= at);
    const before = this.#times.findLast((one) => one.ours < at);
    const known = before ?? after;
    if (known === undefined) throw new Error('no time was noted');
    const passed =
      before === undefined || after === undefined
        ? RATE
        : (after.theirs - before.theirs) / (after.ours - before.ours);
    return new Date(known.theirs + (at - known.ours) * passed);
  }

  async at(days: number): Promise<void> {
    const until = START.getTime() + days * 86_400_000;
    for (;;) {
      const state = await this.control.state();
      if (state.now.getTime() >= until) return;
      await pause(SYNC_MS);
    }
  }
}
