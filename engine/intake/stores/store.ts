import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { StoreApi } from '../../../adapters/woocommerce/port.js';
import { slipRules } from '../../../domain/intake/slips/rules.js';
import { Refusal } from '../../../domain/refusal.js';
import type { IntakeContext } from '../context.js';
import { decryptSecret } from '../../stored-secrets.js';

/** How often and how patiently a store is looked at, in seconds of the database's time unless said otherwise. */
export const storeSettings = z.object({
  /** How late a delivery may come before it counts as lost. In the store's time. */
  graceSeconds: z.number().min(0).default(900),
  reconcileSeconds: z.number().min(0).default(600),
  /** How far a reconcile looks back behind what it has read. In the store's time. */
  overlapSeconds: z.number().min(1).default(300),
  webhookPollSeconds: z.number().min(0).default(300),
  silenceSeconds: z.number().min(0).default(300),
  /** How long a store may not answer before findings are told without it. In the store's time. */
  unverifiedSeconds: z
    .number()
    .min(0)
    .default(4 * 3600),
  /** After so long without a further loss, the incident of a burst of losses is over. In the store's time. */
  calmSeconds: z
    .number()
    .min(0)
    .default(24 * 3600),
  /** Null: participants are not read from orders. */
  slips: slipRules.nullable().default(null),
  /** After so many days, personal data is erased: bodies of deliveries; orders, participants and what was mailed to them. */
  keepBodiesDays: z.number().min(1).max(3650).default(90),
  keepPersonsDays: z.number().min(1).max(3650).default(730),
  /** The most ids of one jump that are asked for one by one. */
  mostIds: z.number().int().min(1).max(10_000).default(500),
});
export type StoreSettings = z.output<typeof storeSettings>;

export interface Store {
  readonly id: string;
  readonly url: string;
  readonly name: string;
  readonly zone: string;
  readonly installedAt: Date;
  readonly settings: StoreSettings;
  readonly apiKey: Buffer | null;
  readonly watermark: Date;
  readonly unreachableSince: Date | null;
  readonly closedAt: Date | null;
  /** The store's time as of this read. */
  readonly storeNow: Date;
  readonly databaseNow: Date;
  /** Seconds of the store per second of the database. */
  readonly clockRate: number;
}

type Db = Pick<ClientBase, 'query'>;

/** Throws Refusal `store.not_found`. */
export async function readStore(db: Db, id: string): Promise<Store> {
  const store = await findStore(db, id);
  if (store === undefined) throw new Refusal('store.not_found', `there is no store ${id}`);
  return store;
}

export async function findStore(db: Db, id: string): Promise<Store | undefined> {
  const { rows } = await db.query<Omit<Store, 'settings'> & { settings: unknown }>(
    `select id, url, name, zone, installed_at as "installedAt", settings, api_key as "apiKey", watermark,
       unreachable_since as "unreachableSince", closed_at as "closedAt", clock_rate as "clockRate", at as "databaseNow",
       clock_store_at + (at - clock_database_at) * clock_rate as "storeNow"
     from stores cross join lateral (select clock_timestamp()) c (at) where id = $1`,
    [id],
  );
  const [row] = rows;
  return row && { ...row, settings: storeSettings.parse(row.settings) };
}

/** When the database's clock shows what the store's clock shows at `at`. */
export function databaseTime(store: Store, at: Date): Date {
  const ms = (at.getTime() - store.storeNow.getTime()) / store.clockRate;
  return new Date(store.databaseNow.getTime() + ms);
}

/** A time of the store, so many of its seconds from now. */
export function storeTime(store: Store, seconds: number): Date {
  return new Date(store.storeNow.getTime() + seconds * 1000);
}

/** In the database's time, so many seconds of the store from now. */
export function dueIn(store: Store, storeSeconds: number): Date {
  return databaseTime(store, storeTime(store, storeSeconds));
}

const apiKey = z.object({ key: z.string(), secret: z.string() });

/** Undefined for a store without a key. */
export function connectTo(context: IntakeContext, store: Store): StoreApi | undefined {
  if (store.apiKey === null) return undefined;
  const key: unknown = JSON.parse(decryptSecret(context.keys, `api/${store.id}`, store.apiKey));
  return context.connect(store, apiKey.parse(key));
}
