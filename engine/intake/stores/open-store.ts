import { Refusal } from '../../../domain/refusal.js';
import { STORE_TASKS } from '../../../domain/intake/store-step.js';
import { storeWorkflowId } from '../../../domain/names/workflows.js';
import { transact } from '../../context.js';
import { type IdempotencyKey, takeKey } from '../../idempotency.js';
import { enqueueStart, type WorkflowStart } from '../../outbox.js';
import type { ApiKey, IntakeContext } from '../context.js';
import { encryptSecret } from '../../stored-secrets.js';
import { storeSettings } from './store.js';
import { addSecret } from './webhook-secrets.js';

export interface NewStore {
  readonly id: string;
  readonly url: string;
  readonly name: string;
  /** IANA name. */
  readonly zone: string;
  /** What deliveries may be signed with. */
  readonly secrets: readonly string[];
  readonly apiKey?: ApiKey;
  readonly settings?: unknown;
  readonly idempotencyKey?: IdempotencyKey;
  /** The store's clock: default the database's. For simulations. */
  readonly clock?: { readonly rate: number; readonly storeAt: Date };
}

export interface StoreOpened {
  readonly replayed: boolean;
}

/** Throws Refusal `store.id_taken`. Its workflow starts once this is committed. */
export function openStore(context: IntakeContext, store: NewStore): Promise<StoreOpened> {
  const { id, apiKey, clock, secrets, idempotencyKey } = store;
  const settings = storeSettings.parse(store.settings ?? {});
  return transact(context, async (tx) => {
    const first = idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'store', id }));
    if (first !== undefined) return { replayed: true };
    const { rowCount } = await tx.query(
      `insert into stores (id, url, name, zone, settings, api_key, installed_at, watermark, clock_rate, clock_store_at, clock_database_at, slips_since)
       select $1, $2, $3, $4, $5, $6, store_at, store_at, $7, store_at, at, case when $9 then store_at end
       from (select coalesce($8::timestamptz, clock_timestamp()), clock_timestamp()) c (store_at, at)
       on conflict do nothing`,
      [
        ...[id, store.url, store.name, store.zone],
        JSON.stringify(settings),
        apiKey === undefined
          ? null
          : encryptSecret(context.keys, `api/${id}`, JSON.stringify(apiKey)),
        ...[clock?.rate ?? 1, clock?.storeAt ?? null, settings.slips !== null],
      ],
    );
    if (rowCount !== 1) throw new Refusal('store.id_taken', `there is a store ${id} already`);
    await tx.query('insert into store_tasks (store, task) select $1, unnest($2::text[])', [
      id,
      STORE_TASKS,
    ]);
    for (const secret of secrets)
      await addSecret(tx, context.keys, { store: id, topic: '*', secret });
    await enqueueStart(tx, storeStart(id, `order intake of ${store.name}`.slice(0, 200)));
    return { replayed: false };
  });
}

/** Also for the sweep, which starts it again where it was lost. */
export function storeStart(id: string, summary: string): WorkflowStart {
  return {
    workflowType: 'store',
    workflowId: storeWorkflowId(id),
    input: { store: id },
    attributes: { QStore: id, QState: 'open' },
    summary,
  };
}
