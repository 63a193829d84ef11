import { waitUntil } from '../../support/wait-until.js';
import type { System } from '../../e2e/system.helper.js';
import { payUntil, postInStorm } from './pay-steadily.js';

export interface StormOptions {
  /** Anonymous attempts that nobody pays, opened while no worker runs. */
  readonly attempts: number;
  /** They expire after this. */
  readonly expirySeconds: number;
  /** Callers that open them at the same time. */
  readonly callers: number;
  /** One more attempt is opened and paid every so often, from the first opening until all of the others have expired. */
  readonly payEveryMs: number;
}

export interface StormReport {
  readonly opened: number;
  readonly openedInMs: number;
  /** From the wallet's payment to PAID, of each payment made meanwhile. */
  readonly paidAfterMs: readonly number[];
  /** Other states in which payments have ended: must be empty. */
  readonly notPaid: readonly string[];
  /** Unpaid attempts whose end was not known yet when the last of them had been over for a minute. */
  readonly stillOpen: number;
}

export const STORM_ENVIRONMENT = {
  QUITTANCE_UNPAID_LIMIT: '0',
  QUITTANCE_UNPAID_ORIGIN_LIMIT: '0',
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: '0',
};

/** Thousands of anonymous attempts are opened and expire while every worker is stopped; whoever pays meanwhile must not notice. */
export async function runStorm(system: System, options: StormOptions): Promise<StormReport> {
  const itemId = await postInStorm(system);
  const workers = system.all().filter(({ spec }) => spec.name.startsWith('worker'));
  const pids = workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await underStorm(system, itemId, options);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

async function underStorm(
  system: System,
  itemId: string,
  options: StormOptions,
): Promise<StormReport> {
  const startedAt = performance.now();
  let over = false;
  const payer = { client: system.client(), itemId, everyMs: options.payEveryMs };
  const paying = payUntil(system, payer, () => over);
  const openedInMs = await openAll(system, itemId, options).then(
    () => performance.now() - startedAt,
  );
  const countOpen = async (): Promise<number> => {
    const { rows } = await system.pool.query<{ open: bigint }>(
      `select count(*) as open from attempts where state in ('INVOICING', 'PENDING_HELD') and payer is null`,
    );
    return Number(rows[0]?.open ?? 0n);
  };
  await waitUntil(
    'all have expired',
    async () => (await countOpen()) < 20,
    (options.expirySeconds + 60) * 1000 + openedInMs,
  ).catch(() => undefined);
  const stillOpen = await countOpen();
  over = true;
  const paid = await paying;
  return {
    ...{ opened: options.attempts, openedInMs, stillOpen },
    paidAfterMs: paid.flatMap(({ state, paidMs }) => (state === 'PAID' ? [paidMs] : [])),
    notPaid: paid.flatMap(({ state }) => (state === 'PAID' ? [] : [state])),
  };
}

async function openAll(
  system: System,
  itemId: string,
  { attempts, callers, expirySeconds }: StormOptions,
): Promise<void> {
  let left = attempts;
  const client = system.client();
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await client.openAction({
        ...{ type: 'ZAP', args: { itemId, sats: 1 }, payment: 'invoice' },
        invoiceExpirySeconds: expirySeconds,
      });
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
