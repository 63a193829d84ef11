import { z } from 'zod';
import { idText, instant } from './wire.js';

const keySchema = z.object({
  key: z.string().min(1),
  secret: z.string().min(1),
  permissions: z.enum(['read', 'write', 'read_write']),
});

export type ConsumerKey = z.output<typeof keySchema>;

/** Issued by a new store. */
export const FIRST_KEY: ConsumerKey = {
  key: 'ck_simulated',
  secret: 'cs_simulated',
  permissions: 'read_write',
};

/** What a store is like from its beginning. */
export const settingsSchema = z.object({
  homeUrl: z.url().default('https://shop.example/'),
  /** IANA name. */
  zone: z.string().default('Europe/Berlin'),
  /** Store time at first. Default: this machine's. */
  at: instant.exactOptional(),
  /** Seconds of store time per second; 0: only on request. */
  rate: z.number().min(0).max(1_000_000).default(1),
  firstId: idText.default(100n),
  /** Of delays in the queue. */
  seed: z.int().default(1),
  keys: z.array(keySchema).default([FIRST_KEY]),
  /** Whether the site takes its calls for HTTPS: then Basic is accepted, and OAuth not needed. */
  https: z.boolean().default(false),
  permalinks: z.enum(['pretty', 'plain']).default('pretty'),
  /** `posts`: orders as posts, where a draft is announced by `created`. */
  storage: z.enum(['hpos', 'posts']).default('hpos'),
  /** Statuses that plugins have registered. */
  statuses: z.array(z.string()).default([]),
  /** Statuses of newer versions that this store does not know. */
  withoutStatuses: z.array(z.string()).default([]),
  /** How long a job waits for a runner of the queue, in store time. */
  queueSeconds: z.object({ min: z.int().min(0), max: z.int().min(0) }).default({ min: 1, max: 10 }),
  /** As WordPress does: no webhooks to private hosts, or to ports other than 80, 443 and 8080. */
  safeUrlsOnly: z.boolean().default(false),
  /** A numbering plugin's: numbers run by themselves behind this prefix. */
  numberPrefix: z.string().exactOptional(),
  /** After this a receiver that does not answer has failed. Real time. */
  deliveryTimeoutMs: z.int().min(1).default(60_000),
});

export type StoreSettings = z.output<typeof settingsSchema>;
