import type { z } from 'zod';
import { type Better, LndChannel } from '../../../../adapters/lightning/lnd/channel.js';
import type { Fields, Method } from '../../../../adapters/lightning/lnd/codec.js';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import { LightningError } from '../../../../adapters/lightning/port.js';
import type { Mutation } from './world.helper.js';

export type Fault = 'lose' | 'park' | 'double';

const PATHS = {
  createInvoice: [METHODS.addInvoice.path, METHODS.addHoldInvoice.path],
  settleInvoice: [METHODS.settleInvoice.path],
  cancelInvoice: [METHODS.cancelInvoice.path],
  sendPayment: [METHODS.sendPayment.path],
} as const satisfies Record<Mutation, readonly string[]>;

const lost = (): LightningError => LightningError.unknown('the answer was lost');

/** A channel to a real node that loses an answer, delivers a request late, or twice. */
export class FaultyChannel extends LndChannel {
  #next: { readonly call: Mutation; readonly fault: Fault } | undefined;
  #parked: (() => Promise<unknown>)[] = [];

  set(call: Mutation, fault: Fault): void {
    this.#next = { call, fault };
  }

  heal(): void {
    this.#next = undefined;
  }

  async release(): Promise<void> {
    for (const send of this.#parked.splice(0)) await send().catch(() => undefined);
  }

  override call<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    timeoutMs?: number,
  ): Promise<z.output<S>> {
    return this.#through(method.path, () => super.call(method, request, timeoutMs));
  }

  override first<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    accept?: (answer: z.output<S>) => boolean,
    better?: Better<z.output<S>>,
  ): Promise<z.output<S> | undefined> {
    return this.#through(method.path, () => super.first(method, request, accept, better));
  }

  async #through<T>(path: string, send: () => Promise<T>): Promise<T> {
    const next = this.#next;
    if (next === undefined || !PATHS[next.call].some((one) => one === path)) return send();
    this.#next = undefined;
    if (next.fault === 'park') {
      this.#parked.push(send);
      throw lost();
    }
    await send();
    if (next.fault === 'double') return send();
    throw lost();
  }
}
