import { setTimeout as pause } from 'node:timers/promises';
import { createNostrRelays } from '../../adapters/nostr/relays.js';
import { VapidKey } from '../../adapters/push/vapid.js';
import { createWebPush } from '../../adapters/push/web-push.js';
import { deliverDue, type DeliveryParts } from '../../engine/deliveries/deliver.js';
import { createPool } from '../shared/pool.js';
import type { Service } from '../shared/process.js';

const EVERY_MS = 500;
/** Reads and notes: what is sent holds no connection. */
const CONNECTIONS = 3;

/** Sends pushes and receipts, for as long as the process runs. Rows and leases say what is left, whoever goes on. */
export function startDeliveries(service: Service): void {
  const { config, logger } = service;
  const pool = createPool({ ...config, dbPoolSize: CONNECTIONS }, logger, { name: 'deliveries' });
  service.onStop('PostgreSQL for deliveries', () => pool.end());
  const { secret, vapidKey, vapidContact } = config;
  const parts: DeliveryParts = {
    ...{ pool, secret, relays: createNostrRelays() },
    push: vapidKey === undefined ? null : createWebPush(new VapidKey(vapidKey, vapidContact)),
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const isOver = (): boolean => signal.aborted;
  const run = async (): Promise<void> => {
    while (!isOver()) {
      try {
        while (!isOver() && (await deliverDue(parts)) > 0);
      } catch (err) {
        logger.warn({ err }, 'deliveries could not be made');
      }
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = run();
  service.onStop('deliveries', () => {
    stopping.abort();
    return done;
  });
}
