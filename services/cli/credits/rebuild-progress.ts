import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { LedgerName } from '../../../domain/credits/lot.js';

const POLL_EVERY_MS = 500;

/** What the query of `creditsRebuild` answers once it has begun. */
export const rebuildProgress = z.object({
  after: z.string(),
  addresses: z.number(),
  rows: z.number(),
  differed: z.number(),
  differing: z.array(z.string()),
});

/** Prints a line when there is progress, and one when no worker answers; none once the rebuild has ended. */
export async function showProgress(
  ask: () => Promise<unknown>,
  ledger: LedgerName,
  say: (line: string) => void,
  ended: AbortSignal,
): Promise<void> {
  let shown = 0;
  let wasUnanswered = false;
  const hasEnded = (): boolean => ended.aborted;
  for (;;) {
    await pause(POLL_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
    if (hasEnded()) return;
    const addresses = await addressesDone(ask);
    // Its result has been printed while this was asked.
    if (hasEnded()) return;
    if (addresses === undefined) {
      if (!wasUnanswered)
        say(`${ledger}: no worker answers; start one that serves the queue effects`);
      wasUnanswered = true;
    } else if (addresses > shown) {
      say(`${ledger}: ${addresses} addresses`);
      shown = addresses;
    }
  }
}

/** Undefined without an answer. */
async function addressesDone(ask: () => Promise<unknown>): Promise<number | undefined> {
  try {
    return rebuildProgress.nullable().parse(await ask())?.addresses ?? 0;
  } catch {
    return undefined;
  }
}
