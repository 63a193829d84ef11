import { z } from 'zod';
import {
  type changeSchema,
  clockSchema,
  deliveriesSchema,
  type importSchema,
  type newWebhookSchema,
  placedSchema,
  type resetSchema,
  stateSchema,
  takenIdsSchema,
  trueOrdersSchema,
  trueWebhookSchema,
  type webhookChangeSchema,
} from './control-protocol.js';
import { faultsSchema } from './faults.js';
import type { newOrderSchema } from './orders/order.js';
import type { scenarioSchema } from './scenario/plan.js';
import type { LoggedDelivery } from './webhooks/delivery-log.js';

export type StoreState = z.output<typeof stateSchema>;
export type TrueOrder = z.output<typeof trueOrdersSchema>['orders'][number];
export type TrueWebhook = z.output<typeof trueWebhookSchema>;
export type OrderChange = z.input<typeof changeSchema>;

const webhooksSchema = z.object({ webhooks: z.array(trueWebhookSchema) });
const nothing = z.unknown().transform(() => undefined);

/** The control API of a simulated store. Every call throws when it is refused. */
export class StoreControl {
  constructor(private readonly url: string) {}

  /** Forgets everything and begins anew. Without a rate the clock stands still: `advance` moves it. */
  reset(settings: z.input<typeof resetSchema> = {}): Promise<StoreState> {
    return this.#call('POST', 'reset', stateSchema, { rate: 0, ...settings });
  }

  state(): Promise<StoreState> {
    return this.#call('GET', 'state', stateSchema);
  }

  setClock(clock: z.output<typeof clockSchema>): Promise<StoreState> {
    return this.#call('PUT', 'clock', stateSchema, z.encode(clockSchema, clock));
  }

  /** Resolves when all that became due has happened, deliveries included. */
  advance(seconds: number): Promise<StoreState> {
    return this.#call('POST', 'advance', stateSchema, { seconds });
  }

  /** Moves the clock on until no delivery waits. */
  drain(): Promise<StoreState> {
    return this.#call('POST', 'drain', stateSchema);
  }

  async place(order: z.input<typeof newOrderSchema> = {}): Promise<bigint> {
    return (await this.#call('POST', 'orders', placedSchema, order)).id;
  }

  /** Orders at once, which nobody is told of unless `announced`. */
  import(imported: z.input<typeof importSchema>): Promise<z.output<typeof takenIdsSchema>> {
    return this.#call('POST', 'import', takenIdsSchema, imported);
  }

  /** Several changes are one request to the site. */
  async change(id: bigint, ...changes: readonly OrderChange[]): Promise<void> {
    await this.#call('POST', `orders/${id}/changes`, nothing, { changes });
  }

  async orders(): Promise<TrueOrder[]> {
    return (await this.#call('GET', 'orders', trueOrdersSchema)).orders;
  }

  /** Ids that go to posts and products. */
  takeIds(count: number): Promise<z.output<typeof takenIdsSchema>> {
    return this.#call('POST', 'ids', takenIdsSchema, { count });
  }

  /** Replaces all earlier faults; none: clears them. */
  setFaults(faults: z.input<typeof faultsSchema> = {}): Promise<unknown> {
    return this.#call('PUT', 'faults', faultsSchema, faults);
  }

  createWebhook(webhook: z.input<typeof newWebhookSchema>): Promise<TrueWebhook> {
    return this.#call('POST', 'webhooks', trueWebhookSchema, webhook);
  }

  changeWebhook(id: bigint, change: z.input<typeof webhookChangeSchema>): Promise<TrueWebhook> {
    return this.#call('PATCH', `webhooks/${id}`, trueWebhookSchema, change);
  }

  async webhooks(): Promise<TrueWebhook[]> {
    return (await this.#call('GET', 'webhooks', webhooksSchema)).webhooks;
  }

  /** Every delivery that was due, lost ones included. */
  async deliveries(): Promise<LoggedDelivery[]> {
    const all: LoggedDelivery[] = [];
    for (;;) {
      const path = `deliveries?after=${all.length}`;
      const { deliveries } = await this.#call('GET', path, deliveriesSchema);
      if (deliveries.length === 0) return all;
      all.push(...deliveries);
    }
  }

  startScenario(plan: z.input<typeof scenarioSchema> = {}): Promise<StoreState> {
    return this.#call('PUT', 'scenario', stateSchema, plan);
  }

  stopScenario(): Promise<StoreState> {
    return this.#call('DELETE', 'scenario', stateSchema);
  }

  async #call<S extends z.ZodType>(
    method: string,
    path: string,
    answer: S,
    body?: unknown,
  ): Promise<z.output<S>> {
    const response = await fetch(new URL(`/_control/${path}`, this.url), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return answer.parse(text === '' ? undefined : JSON.parse(text));
  }
}
