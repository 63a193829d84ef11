import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { PaymentHash } from '../port.js';
import type { LndChannel } from './channel.js';
import { invoiceOf, paymentOf } from './convert.js';
import { isNotFound } from './errors.js';
import type { Observation, ObservationStore, OwnHashes } from './journal.js';
import type { LndInvoice, LndPayment } from './messages.js';
import { METHODS } from './methods.js';

export interface ObserverOptions {
  readonly lnd: LndChannel;
  readonly own: OwnHashes;
  readonly store: ObservationStore;
  /** Called when a stream broke; it is opened again. */
  readonly onTrouble: (error: unknown) => void;
  /** How often all that is open is looked up. Default: a minute. */
  readonly reconcileMs?: number;
}

const RECONCILE_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Streams of single invoices at once; what is beyond is found by the reconcile. */
const MAX_SINGLE_STREAMS = 5_000;

/**
 * Writes each state of our invoices and payments into the store at least once, until aborted. lnd's stream of invoices tells only
 * what was added or settled, and replays it from its indexes; held and canceled come from a stream per hash; ended payments from
 * TrackPayments, which replays nothing. What was missed is looked up after each connection and every minute.
 */
export class LndObserver {
  readonly #single = new Map<PaymentHash, Promise<void>>();
  /** Observations are written one after the other, as they came. */
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly options: ObserverOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    // Each stream listens to it: that is no leak.
    setMaxListeners(0, signal);
    await Promise.all([
      this.#again(() => this.#followInvoices(signal), signal),
      this.#again(() => this.#followPayments(signal), signal),
      this.#reconcileAlways(signal),
    ]);
    await Promise.all(this.#single.values());
  }

  async #followInvoices(signal: AbortSignal): Promise<void> {
    const { lnd, own, store } = this.options;
    const { add, settle } = await store.indexes();
    const from = { add_index: add.toString(), settle_index: settle.toString() };
    for await (const invoice of lnd.stream(METHODS.subscribeInvoices, from, signal)) {
      const indexes = { add: invoice.add_index, settle: invoice.settle_index };
      const isOurs = !invoice.is_keysend && !invoice.is_amp && (await own.isOwn(invoice.r_hash));
      if (isOurs && invoice.state === 'OPEN') this.#watchSingle(invoice.r_hash, signal);
      await this.#record(isOurs ? observedInvoice(invoice) : undefined, indexes);
    }
  }

  async #followPayments(signal: AbortSignal): Promise<void> {
    const stream = this.options.lnd.stream(
      METHODS.trackPayments,
      { no_inflight_updates: true },
      signal,
    );
    for await (const payment of stream) await this.#recordPayment(payment);
  }

  async #reconcileAlways(signal: AbortSignal): Promise<void> {
    const { reconcileMs = RECONCILE_MS, onTrouble } = this.options;
    while (!signal.aborted) {
      await this.reconcile(signal).catch(onTrouble);
      await pause(reconcileMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks up all that is open by our rows. */
  async reconcile(signal: AbortSignal): Promise<void> {
    const { lnd, own } = this.options;
    for (const hash of await own.openInvoices()) {
      if (signal.aborted) return;
      this.#watchSingle(hash, signal);
      const request = { r_hash: Buffer.from(hash, 'hex') };
      const invoice = await lnd.call(METHODS.lookupInvoice, request).catch(nothingIfNotFound);
      if (invoice !== undefined) await this.#record(observedInvoice(invoice));
    }
    for (const hash of await own.openPayments()) {
      if (signal.aborted) return;
      const request = { payment_hash: Buffer.from(hash, 'hex') };
      const payment = await lnd.first(METHODS.trackPayment, request).catch(nothingIfNotFound);
      if (payment !== undefined) await this.#recordPayment(payment);
    }
  }

  /** Its first event is the state as it is; it ends with the invoice. */
  #watchSingle(hash: PaymentHash, signal: AbortSignal): void {
    if (this.#single.has(hash) || this.#single.size >= MAX_SINGLE_STREAMS) return;
    const follow = async (): Promise<void> => {
      const request = { r_hash: Buffer.from(hash, 'hex') };
      for await (const invoice of this.options.lnd.stream(
        METHODS.subscribeSingleInvoice,
        request,
        signal,
      )) {
        await this.#record(observedInvoice(invoice));
        if (invoice.state === 'SETTLED' || invoice.state === 'CANCELED') return;
      }
    };
    const following = follow()
      .catch(this.options.onTrouble)
      .finally(() => this.#single.delete(hash));
    this.#single.set(hash, following);
  }

  async #recordPayment(payment: LndPayment): Promise<void> {
    const observed = observedPayment(payment);
    if (observed !== undefined && (await this.options.own.isOwn(observed.hash))) {
      await this.#record(observed);
    }
  }

  #record(...args: Parameters<ObservationStore['record']>): Promise<void> {
    const [observed, indexes] = args;
    if (observed === undefined && indexes === undefined) return Promise.resolve();
    const written = this.#last.then(() => this.options.store.record(...args));
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Opens a stream again whenever it ends, and looks up what was missed meanwhile. */
  async #again(follow: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted;
    for (let failures = 0; !isOver(); failures += 1) {
      const began = performance.now();
      await follow().catch(this.options.onTrouble);
      if (isOver()) return;
      if (performance.now() - began > LONGEST_PAUSE_MS) failures = 0;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
      await pause(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(
        () => undefined,
      );
      // A stream that stands tells nothing of what it missed.
      const caughtUp = pause(FIRST_PAUSE_MS).then(() => this.reconcile(signal));
      void caughtUp.catch(this.options.onTrouble);
    }
  }
}

/** Undefined while it is open. */
function observedInvoice(invoice: LndInvoice): Observation | undefined {
  const { hash, state, receivedMsat } = invoiceOf(invoice);
  if (state === 'open') return undefined;
  const at = state === 'settled' ? new Date(Number(invoice.settle_date) * 1000) : new Date();
  return { type: 'invoice', hash, state, receivedMsat, at, index: 0n };
}

/** Undefined while it is in flight. */
function observedPayment(payment: LndPayment): Observation | undefined {
  const { hash, state, index, feeMsat, preimage, failure } = paymentOf(payment);
  if (state === 'in_flight') return undefined;
  return {
    ...{ type: 'payment', hash, state, feeMsat, at: new Date(), index },
    ...(preimage !== undefined && { preimage }),
    ...(failure !== undefined && { failure }),
  };
}

function nothingIfNotFound(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
