import { createHmac } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type {
  OrderPage,
  OrderQuery,
  StoreAnswer,
  StoreApi,
  StoreWebhook,
} from '../../../../adapters/woocommerce/port.js';
import { type OrderSnapshot, parseOrder } from '../../../../domain/intake/order-snapshot.js';
import type { StoreCheck } from '../../../../domain/intake/store-step.js';
import { runTask } from '../../../../engine/intake/checks/run-task.js';
import type { IntakeContext } from '../../../../engine/intake/context.js';
import { applyLeftEvents } from '../../../../engine/intake/events/left-events.js';
import { derivedStoreKeys } from '../../../../engine/stored-secrets.js';
import { openStore } from '../../../../engine/intake/stores/open-store.js';
import { addSecret } from '../../../../engine/intake/stores/webhook-secrets.js';
import { webhooksPlugin } from '../../../../services/api/webhooks/plugin.js';
import { migratedDatabase, testPool } from '../../../support/empty-database.js';

export const SECRET = 'abc&123';

/** A store's API over a map; `down` makes it answer nothing. */
export class MapStore implements StoreApi {
  readonly all = new Map<bigint, OrderSnapshot>();
  webhookList: StoreWebhook[] = [];
  down = false;
  /** Listed, and no order that can be read. */
  unreadable: { readonly problem: string; readonly raw: string }[] = [];
  asked = 0;

  order(id: bigint): Promise<StoreAnswer<OrderSnapshot>> {
    const order = this.all.get(id);
    return this.#answer(order === undefined ? { kind: 'not_found' } : { kind: 'ok', value: order });
  }

  orders(query: OrderQuery): Promise<StoreAnswer<OrderPage>> {
    const hidden = ['checkout-draft', 'auto-draft', 'trash'];
    const wanted = [...this.all.values()].filter(
      (one) =>
        (query.statuses?.includes('any') === true
          ? !hidden.includes(one.status)
          : query.statuses?.includes(one.status) === true) &&
        (query.include?.includes(one.id) ?? true) &&
        (query.modifiedAfter === undefined || one.modifiedAt > query.modifiedAfter) &&
        (query.modifiedBefore === undefined || one.modifiedAt < query.modifiedBefore) &&
        (query.createdAfter === undefined || one.createdAt > query.createdAfter) &&
        (query.createdBefore === undefined || one.createdAt < query.createdBefore),
    );
    wanted.sort((a, b) =>
      query.orderBy === 'id'
        ? Number(a.id - b.id)
        : a.modifiedAt.getTime() - b.modifiedAt.getTime(),
    );
    const { page, perPage } = query;
    const orders = wanted.slice((page - 1) * perPage, page * perPage);
    const pages = Math.ceil(wanted.length / perPage);
    const rest = {
      unreadable: this.unreadable,
      unknownStatuses: [],
      page,
      pages,
      total: wanted.length,
    };
    return this.#answer({ kind: 'ok', value: { ...rest, orders } });
  }

  webhooks(): Promise<StoreAnswer<readonly StoreWebhook[]>> {
    return this.#answer({ kind: 'ok', value: this.webhookList });
  }

  createWebhook(): Promise<StoreAnswer<StoreWebhook>> {
    return this.#answer({ kind: 'not_found' });
  }

  updateWebhook(): Promise<StoreAnswer<StoreWebhook>> {
    return this.#answer({ kind: 'not_found' });
  }

  deleteWebhook(): Promise<StoreAnswer<StoreWebhook>> {
    return this.#answer({ kind: 'not_found' });
  }

  #answer<T>(answer: StoreAnswer<T>): Promise<StoreAnswer<T>> {
    this.asked += 1;
    return Promise.resolve(this.down ? { kind: 'unavailable', reason: 'down' } : answer);
  }
}

interface TestStoreOptions {
  readonly key?: boolean;
  readonly graceSeconds?: number;
  readonly slips?: unknown;
  readonly calmSeconds?: number;
}

export interface TestOrder {
  readonly id: bigint;
  readonly status?: string;
  readonly total?: string;
  /** Seconds from the store's installation. */
  readonly created?: number;
  readonly modified?: number;
  /** As the store writes them. */
  readonly items?: readonly object[];
  readonly email?: string;
  readonly refunds?: readonly object[];
}

/** The door, the engine and a store's API, without NATS and Temporal. */
export class IntakeFixture {
  readonly api = new MapStore();

  private constructor(
    readonly pool: Pool,
    readonly context: IntakeContext,
    readonly app: FastifyInstance,
    readonly url: string,
    private readonly drop: () => Promise<void>,
    private readonly apis: Map<string, MapStore>,
  ) {}

  static async start(): Promise<IntakeFixture> {
    const database = await migratedDatabase();
    const pool = testPool(database.url, 8);
    const apis = new Map<string, MapStore>();
    const context: IntakeContext = {
      pool,
      keys: derivedStoreKeys('a secret for tests'),
      outboxChanged: () => undefined,
      connect: ({ id }) => {
        const api = apis.get(id);
        if (api === undefined) throw new Error(`no API of ${id}`);
        return api;
      },
      publicUrl: 'https://quittance.example',
    };
    const app = Fastify();
    await app.register(webhooksPlugin(context));
    return new IntakeFixture(pool, context, app, database.url, database.drop, apis);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.pool.end();
    await this.drop();
  }

  /** Another secret that its deliveries may be signed with. */
  addSecret(store: string, secret: string): Promise<void> {
    const { pool, keys } = this.context;
    return addSecret(pool, keys, { store, topic: '*', secret });
  }

  /** A store of its own, with or without an API. Its clock is the database's. */
  async store(
    id: string,
    { key = true, graceSeconds = 0, ...more }: TestStoreOptions = {},
  ): Promise<TestStore> {
    const api = new MapStore();
    this.apis.set(id, api);
    const apiKey = { key: 'ck_1', secret: 'cs_1' };
    const settings = { graceSeconds, overlapSeconds: 300, mostIds: 20, ...more };
    await openStore(this.context, {
      ...{ id, url: `https://${id}.example`, name: id, zone: 'UTC', secrets: [SECRET], settings },
      ...(key ? { apiKey } : {}),
    });
    await this.pool.query(
      `update stores set installed_at = installed_at - interval '1 hour', watermark = watermark - interval '1 hour',
         slips_since = slips_since - interval '1 hour' where id = $1`,
      [id],
    );
    const { rows } = await this.pool.query<{ at: Date }>(
      'select installed_at as at from stores where id = $1',
      [id],
    );
    return new TestStore(this, id, api, rows[0]?.at ?? new Date());
  }
}

export class TestStore {
  #deliveries = 0;

  constructor(
    private readonly fixture: IntakeFixture,
    readonly id: string,
    readonly api: MapStore,
    private readonly installedAt: Date,
  ) {}

  /** As the store writes it. */
  body({
    id,
    status = 'processing',
    total = '10.00',
    created = 60,
    modified = created,
    items = [],
    email = 'payer@example.org',
    refunds = [],
  }: TestOrder): string {
    const time = (seconds: number): string =>
      new Date(this.installedAt.getTime() + seconds * 1000).toISOString().slice(0, 19);
    return JSON.stringify({
      ...{ number: String(id), status, total, currency: 'EUR', payment_method: 'card' },
      ...{ date_created_gmt: time(created), date_modified_gmt: time(modified), line_items: items },
      ...{ refunds, billing: { first_name: 'Ada', last_name: 'Payer', email } },
    }).replace('{', `{"id":${id},`);
  }

  /** The order is so in the store. */
  has(order: TestOrder): string {
    const body = this.body(order);
    const read = parseOrder(body);
    if ('problem' in read) throw new Error(read.detail);
    this.api.all.set(read.id, read);
    return body;
  }

  async post(
    body: string | Buffer,
    headers: Record<string, string> = {},
    path = '',
  ): Promise<number> {
    const answer = await this.fixture.app.inject({
      method: 'POST',
      url: `/v1/stores/${this.id}/webhooks${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      payload: body,
    });
    return answer.statusCode;
  }

  /** Signed, as by the store; gives the status of the answer. */
  deliver(topic: string, body: string | Buffer, secret = SECRET): Promise<number> {
    this.#deliveries += 1;
    return this.post(body, {
      'x-wc-webhook-source': `https://${this.id}.example/`,
      'x-wc-webhook-topic': topic,
      'x-wc-webhook-id': '7',
      'x-wc-webhook-delivery-id': String(this.#deliveries),
      'x-wc-webhook-signature': createHmac('sha256', secret).update(body).digest('base64'),
    });
  }

  /** Delivers and applies. */
  async tell(topic: string, order: TestOrder): Promise<void> {
    await this.deliver(`order.${topic}`, this.has(order));
    await this.apply();
  }

  apply(): Promise<number> {
    return applyLeftEvents(this.fixture.context, this.id, 0);
  }

  run(task: StoreCheck): Promise<void> {
    return runTask(this.fixture.context, this.id, task);
  }

  /** Everything that waits is due now. */
  async runAll(): Promise<void> {
    await this.run('reconcile');
    await this.fixture.pool.query(
      `update store_ids set due_at = least(due_at, clock_timestamp()) where store = $1 and class = 'waiting'`,
      [this.id],
    );
    for (const task of ['gaps', 'orders', 'webhooks', 'silence', 'gaps'] as const)
      await this.run(task);
  }

  async statuses(): Promise<Record<string, string>> {
    const { rows } = await this.fixture.pool.query<{ id: bigint; status: string }>(
      'select order_id as id, status from store_orders where store = $1 order by order_id',
      [this.id],
    );
    return Object.fromEntries(rows.map(({ id, status }) => [String(id), status]));
  }

  /** As `kind/cause`, with the ids of those orders that are not healed; open incidents only. */
  async incidents(): Promise<Record<string, readonly string[]>> {
    const { rows } = await this.fixture.pool.query<{ name: string; ids: string[] }>(
      `select kind || '/' || cause as name, array(
         select order_id::text from incident_orders where incident_id = i.id and healed_at is null order by order_id) as ids
       from incidents i where store = $1 and healed_at is null order by 1`,
      [this.id],
    );
    return Object.fromEntries(rows.map(({ name, ids }) => [name, ids]));
  }

  async outcomes(): Promise<(string | null)[]> {
    const { rows } = await this.fixture.pool.query<{ outcome: string | null }>(
      'select outcome from store_events where store = $1 order by id',
      [this.id],
    );
    return rows.map(({ outcome }) => outcome);
  }
}
