import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type System, WALLET } from '../../e2e/system.helper.js';
import type { Dice } from './dice.js';
import { tellOne, type Untold } from './scenarios.js';

const TELLERS = 8;
const STORY_MS = 40_000;

export interface Load {
  /** How often each ending came, so far. */
  readonly outcomes: Readonly<Record<string, number>>;
  /**
   * Begins no more stories, and asks on, in peace, until each has ended as its teller sees it. Gives what is not known to have
   * ended by then: nothing, when all is well.
   */
  stop(patienceMs: number): Promise<readonly string[]>;
}

/** All flows at once, one story after another, until it is stopped. */
export async function startLoad(system: System, dice: Dice): Promise<Load> {
  const name = randomBytes(4).toString('hex');
  const author = await system.account(`${name}-author`);
  const rich = await system.account(`${name}-rich`, '1000000000');
  const itemId = await postToZap(system, author);
  const outcomes: Record<string, number> = {};
  const untold: Untold[] = [];
  const count = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  let over = false;
  const teller = async (own: Dice): Promise<void> => {
    while (!over) {
      const signal = AbortSignal.timeout(STORY_MS);
      const outcome = await tellOne({ system, dice: own, author, rich, itemId, signal });
      if (typeof outcome === 'string') count(outcome);
      else untold.push(outcome);
    }
  };
  const tellers = Array.from({ length: TELLERS }, () => teller(dice.split()));
  return {
    outcomes,
    stop: async (patienceMs) => {
      over = true;
      await Promise.all(tellers);
      const unaccounted = await Promise.all(
        untold.map(async ({ why, ask }) => {
          const end = await askOn(ask, patienceMs);
          if (end === undefined) return [`a story that was cut short (${why}) has no end`];
          count(`later ${end} (${why})`);
          return [];
        }),
      );
      return unaccounted.flat();
    },
  };
}

const ASK_EVERY_MS = 500;

async function askOn(ask: Untold['ask'], patienceMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(patienceMs);
  while (!signal.aborted) {
    const end = await ask(signal).catch(() => undefined);
    if (end !== undefined) return end;
    await pause(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function postToZap(
  system: System,
  author: Awaited<ReturnType<System['account']>>,
): Promise<string> {
  const args = { title: 'Zap this' };
  const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
  const bolt11 = action.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 !== 'string') throw new Error('the first post has no invoice');
  await system.wallets.pay(WALLET, bolt11);
  const { result } = await author.waitForAction(action.id);
  if (result['itemId'] === undefined) throw new Error('the first post has no item');
  return result['itemId'];
}
