import { z } from 'zod';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH';

async function call<S extends z.ZodType>(
  request: { readonly url: string; readonly method: Method; readonly token?: string },
  answer: S,
  body?: unknown,
): Promise<z.output<S>> {
  const { url, method, token } = request;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 200)}`);
  return answer.parse(text === '' ? undefined : JSON.parse(text));
}

const placed = z.object({ id: z.string() });
const trueOrders = z.object({ orders: z.array(z.object({ id: z.string(), status: z.string() })) });
const trueWebhooks = z.object({
  webhooks: z.array(z.object({ id: z.string(), topic: z.string() })),
});

/** What goes wrong with the deliveries of the simulated store; nothing named: nothing. */
export interface DeliveryFaults {
  readonly topics?: readonly string[];
  readonly loseNext?: number;
  readonly lose?: number;
  readonly wrongSecret?: boolean;
}

/** The switches of the simulated store: what its customers and its people do. */
export class SimulatedStore {
  constructor(readonly url: string) {}

  async reset(): Promise<void> {
    // Deliveries leave at once.
    await this.#call('POST', 'reset', z.unknown(), { queueSeconds: { min: 0, max: 0 } });
  }

  async place(status: string): Promise<string> {
    return (await this.#call('POST', 'orders', placed, { status })).id;
  }

  async pay(id: string): Promise<void> {
    await this.#call('POST', `orders/${id}/changes`, z.unknown(), { changes: [{ change: 'pay' }] });
  }

  async faults(deliveries: DeliveryFaults = {}): Promise<void> {
    await this.#call('PUT', 'faults', z.unknown(), { deliveries });
  }

  /** Posts and images take ids of the same counter. */
  async takeIds(count: number): Promise<void> {
    await this.#call('POST', 'ids', z.unknown(), { count });
  }

  /** No delivery waits any more. */
  async quiet(): Promise<boolean> {
    const state = z.object({ queued: z.number() });
    return (await this.#call('GET', 'state', state)).queued === 0;
  }

  async orders(): Promise<ReadonlyMap<string, string>> {
    const { orders } = await this.#call('GET', 'orders', trueOrders);
    return new Map(orders.map(({ id, status }) => [id, status]));
  }

  async switchWebhook(topic: string, status: 'active' | 'disabled'): Promise<void> {
    const { webhooks } = await this.#call('GET', 'webhooks', trueWebhooks);
    for (const { id } of webhooks.filter((one) => one.topic === topic)) {
      await this.#call('PATCH', `webhooks/${id}`, z.unknown(), { status });
    }
  }

  #call<S extends z.ZodType>(
    method: Method,
    path: string,
    answer: S,
    body?: unknown,
  ): Promise<z.output<S>> {
    return call({ url: `${this.url}/_control/${path}`, method }, answer, body);
  }
}

const stores = z.object({ stores: z.array(z.object({ id: z.string(), closedAt: z.unknown() })) });
const added = z.object({
  webhooks: z.object({ created: z.number(), reached: z.boolean() }).nullable(),
});
const orders = z.object({ orders: z.array(z.object({ orderId: z.string(), status: z.string() })) });
const incidents = z.object({
  incidents: z.array(
    z.object({ id: z.string(), kind: z.string(), cause: z.string(), healedAt: z.unknown() }),
  ),
});
const incident = z.object({ orderIds: z.array(z.string()) });

export interface FoundIncident {
  readonly name: string;
  readonly orderIds: readonly string[];
  readonly healed: boolean;
}

/** Order intake, as an operator calls it. */
export class Intake {
  constructor(
    private readonly apiUrl: string,
    private readonly token: string,
  ) {}

  /** Those of earlier demos: the simulated store has forgotten them. */
  async closeAll(prefix: string): Promise<void> {
    const { stores: all } = await this.#call('GET', 'stores?limit=200', stores);
    for (const { id, closedAt } of all) {
      if (id.startsWith(prefix) && closedAt === null)
        await this.#call('POST', `stores/${id}/close`, z.unknown(), {});
    }
  }

  add(store: Readonly<Record<string, unknown>>): Promise<z.output<typeof added>> {
    return this.#call('POST', 'stores', added, store);
  }

  async checkNow(store: string): Promise<void> {
    await this.#call('POST', `stores/${store}/reconcile`, z.unknown(), {});
  }

  async orders(store: string): Promise<ReadonlyMap<string, string>> {
    const { orders: all } = await this.#call('GET', `stores/${store}/orders?limit=200`, orders);
    return new Map(all.map(({ orderId, status }) => [orderId, status]));
  }

  async incidents(store: string): Promise<FoundIncident[]> {
    const { incidents: all } = await this.#call('GET', `incidents?store=${store}`, incidents);
    return Promise.all(
      all.map(async ({ id, kind, cause, healedAt }) => ({
        name: `${kind}/${cause}`,
        healed: healedAt !== null,
        orderIds: (await this.#call('GET', `incidents/${id}`, incident)).orderIds,
      })),
    );
  }

  #call<S extends z.ZodType>(
    method: Method,
    path: string,
    answer: S,
    body?: unknown,
  ): Promise<z.output<S>> {
    return call({ url: `${this.apiUrl}/v1/${path}`, method, token: this.token }, answer, body);
  }
}
