import { type OrderSnapshot, readOrder } from '../../../domain/intake/order-snapshot.js';
import type {
  NewStoreWebhook,
  OrderPage,
  OrderQuery,
  StoreAnswer,
  StoreApi,
  StoreWebhook,
  StoreWebhookChange,
} from '../port.js';
import { unavailable } from './http-call.js';
import { KNOWN_STATUSES, listParameters, readPage } from './order-list.js';
import type { StoreJson } from './read-answer.js';
import { type RestRequest, RestTransport, type StoreAccess } from './rest-transport.js';
import { webhookBody, webhookSchema } from './webhook-json.js';

const WEBHOOKS_PER_PAGE = 100;
/** A store has a handful; more pages than this is an answer that repeats itself. */
const MAX_WEBHOOK_PAGES = 20;

/** Keep one per store: it holds the limits of the calls to that store. */
export class StoreClient implements StoreApi {
  readonly #rest: RestTransport;
  /** The store said that it does not know them. Asked again by the next process. */
  readonly #unknownStatuses = new Set<string>();

  constructor(access: StoreAccess) {
    this.#rest = new RestTransport(access);
  }

  async order(id: bigint): Promise<StoreAnswer<OrderSnapshot>> {
    const answer = await this.#ask({ method: 'GET', path: `/orders/${id}` });
    if (answer.kind !== 'ok') return answer;
    const order = readOrder(answer.value.json);
    if ('problem' in order) return unavailable(`no readable order: ${order.problem}`);
    if (order.id !== id) return unavailable(`order ${order.id} in place of ${id}`);
    return { kind: 'ok', value: order };
  }

  async orders(query: OrderQuery): Promise<StoreAnswer<OrderPage>> {
    const wanted = [...new Set(query.statuses ?? KNOWN_STATUSES)];
    for (;;) {
      const statuses = wanted.filter((status) => !this.#unknownStatuses.has(status));
      const unknownStatuses = wanted.filter((status) => this.#unknownStatuses.has(status));
      // Without any, the store would answer with its default, which was not asked for.
      if (statuses.length === 0) return { kind: 'ok', value: emptyPage(query, unknownStatuses) };
      const parameters = listParameters(query, statuses);
      const answer = await this.#rest.call({ method: 'GET', path: '/orders', query: parameters });
      if (answer.kind === 'refused' && this.#drop(statuses, answer.unknownStatuses)) continue;
      if (answer.kind === 'refused') return refusal(answer);
      if (answer.kind !== 'ok') return answer;
      const page = readPage(answer.value, query.page);
      if (page === undefined) return unavailable('no list of orders with its totals');
      return { kind: 'ok', value: { ...page, unknownStatuses } };
    }
  }

  async webhooks(): Promise<StoreAnswer<readonly StoreWebhook[]>> {
    const found = new Map<bigint, StoreWebhook>();
    for (let page = 1; page <= MAX_WEBHOOK_PAGES; page += 1) {
      const query = { per_page: String(WEBHOOKS_PER_PAGE), page: String(page), status: 'all' };
      const answer = await this.#ask({ method: 'GET', path: '/webhooks', query });
      if (answer.kind !== 'ok') return answer;
      const webhooks = webhookSchema.array().safeParse(answer.value.json);
      if (!webhooks.success) return unavailable('no readable list of webhooks');
      for (const webhook of webhooks.data) found.set(webhook.id, webhook);
      if (webhooks.data.length < WEBHOOKS_PER_PAGE) break;
    }
    return { kind: 'ok', value: [...found.values()] };
  }

  createWebhook(webhook: NewStoreWebhook): Promise<StoreAnswer<StoreWebhook>> {
    return this.#writeWebhook({ method: 'POST', path: '/webhooks', body: webhookBody(webhook) });
  }

  updateWebhook(id: bigint, change: StoreWebhookChange): Promise<StoreAnswer<StoreWebhook>> {
    const path = `/webhooks/${id}`;
    return this.#writeWebhook({ method: 'PUT', path, body: webhookBody(change) });
  }

  deleteWebhook(id: bigint): Promise<StoreAnswer<StoreWebhook>> {
    // Without `force` the store answers that webhooks have no trash.
    const query = { force: 'true' };
    return this.#writeWebhook({ method: 'DELETE', path: `/webhooks/${id}`, query });
  }

  async #writeWebhook(request: RestRequest): Promise<StoreAnswer<StoreWebhook>> {
    const answer = await this.#ask(request);
    if (answer.kind !== 'ok') return answer;
    const webhook = webhookSchema.safeParse(answer.value.json);
    return webhook.success
      ? { kind: 'ok', value: webhook.data }
      : unavailable('no readable webhook');
  }

  async #ask(request: RestRequest): Promise<StoreAnswer<StoreJson>> {
    const answer = await this.#rest.call(request);
    return answer.kind === 'refused' ? refusal(answer) : answer;
  }

  /** Whether there is a status to leave out that was not left out before. */
  #drop(asked: readonly string[], positions: readonly number[]): boolean {
    const unknown = positions.flatMap((position) => asked[position] ?? []);
    for (const status of unknown) this.#unknownStatuses.add(status);
    return unknown.length > 0;
  }
}

function refusal(refused: { readonly code: string; readonly status: number }): {
  readonly kind: 'refused';
  readonly code: string;
  readonly status: number;
} {
  return { kind: 'refused', code: refused.code, status: refused.status };
}

function emptyPage({ page }: OrderQuery, unknownStatuses: readonly string[]): OrderPage {
  return { orders: [], unreadable: [], page, pages: 0, total: 0, unknownStatuses };
}
