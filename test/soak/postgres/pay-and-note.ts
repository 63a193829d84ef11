import { setTimeout as pause } from 'node:timers/promises';
import type { QuittanceClient } from '@quittance/sdk';
import { type System, WALLET } from '../../e2e/system.helper.js';
import type { OwnPostgres } from '../../support/own-postgres.js';
import { waitUntil } from '../../support/wait-until.js';

/** An action that the API has answered as paid. */
export interface Acknowledged {
  readonly id: string;
  /** `performance.now()` of its opening, and of the answer PAID. */
  readonly openedAt: number;
  readonly at: number;
}

export interface Load {
  /** Grows. */
  readonly acknowledged: readonly Acknowledged[];
  /** Those that ended otherwise, or that nobody could tell the end of. */
  readonly others: readonly string[];
  /** Opens no more, and resolves when all have ended. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** The post that is zapped. */
  readonly itemId: string;
  readonly everyMs: number;
  /** What has not ended by then is given up. */
  readonly giveUpMs: number;
  /** Of invoices. Default: 600. */
  readonly expirySeconds?: number;
}

/** How long so many payments, or what they wait for, may take. */
export const WAIT_MS = 120_000;

/** Until so many more were acknowledged. Fails with what ended otherwise. */
export function untilMore(load: Load, count: number): Promise<boolean> {
  const until = load.acknowledged.length + count;
  return waitUntil(
    `${count} more payments; ${load.others.slice(0, 3).join('; ')}`,
    () => load.acknowledged.length >= until,
    WAIT_MS,
  );
}

/** Opens a zap every so often, pays its invoice, and notes when the API says that it is paid. */
export function payAndNote(system: System, options: LoadOptions): Load {
  const acknowledged: Acknowledged[] = [];
  const others: string[] = [];
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const client = system.client();
  const begin = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const one: Promise<void> = payOne(system, client, options)
        .then((paid) => void acknowledged.push(paid))
        .catch((error: unknown) => {
          others.push(error instanceof Error ? error.message : String(error));
        })
        .finally(() => running.delete(one));
      running.add(one);
      await pause(options.everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const beginning = begin();
  return {
    ...{ acknowledged, others },
    stop: async () => {
      stopping.abort();
      await beginning;
      await Promise.all(running);
    },
  };
}

async function payOne(
  system: System,
  client: QuittanceClient,
  { itemId, giveUpMs, expirySeconds: invoiceExpirySeconds = 600 }: LoadOptions,
): Promise<Acknowledged> {
  const openedAt = performance.now();
  const { action, capability } = await client.openAction({
    ...{ type: 'ZAP', args: { itemId, sats: 2 }, payment: 'invoice', invoiceExpirySeconds },
  });
  const known = capability === undefined ? {} : { capability };
  const ready = await client.waitForAction(action.id, {
    ...{ ...known, timeoutMs: giveUpMs },
    until: (seen) =>
      typeof seen.attempts.at(-1)?.invoice?.bolt11 === 'string' || isOver(seen.state),
  });
  const bolt11 = ready.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 !== 'string') throw new Error(`${action.id}: no invoice, ${ready.state}`);
  // A hold invoice: the wallet's payment goes on until it is settled.
  void system.wallets.pay(WALLET, bolt11).catch(() => undefined);
  const { state } = await client.waitForAction(action.id, { ...known, timeoutMs: giveUpMs });
  if (state !== 'PAID') throw new Error(`${action.id}: ${state}`);
  return { id: action.id, openedAt, at: performance.now() };
}

const isOver = (state: string): boolean => state === 'PAID' || state === 'FAILED';

/** Those of the actions that this database does not show as paid: their ids. */
export async function lostOf(
  server: OwnPostgres,
  acknowledged: readonly Acknowledged[],
): Promise<string[]> {
  const rows = await server.query<{ id: string }>(
    `select id::text from unnest($1::uuid[]) as given (id)
     where not exists (select from attempts a where a.action_id = given.id and a.state = 'PAID')`,
    [acknowledged.map(({ id }) => id)],
  );
  return rows.map(({ id }) => id);
}
