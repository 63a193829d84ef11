import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { toMsat } from '../../../domain/money.js';
import { type System, WALLET } from '../../e2e/system.helper.js';
import { NO_WALLET, PAYEES, Payees, RECEIVER } from './payees.js';
import { runScenario, type Scenarios, type Unfinished } from './scenarios.js';
import type { SeededRandom } from './seeded-random.js';

const SCENARIO_MS = 40_000;

export interface Load {
  /** How often each outcome came, so far. */
  readonly outcomes: Readonly<Record<string, number>>;
  /**
   * Starts no more scenarios and asks for the outcome of unfinished ones until each is known. Returns a line for each whose outcome
   * is still unknown after `timeoutMs`.
   */
  stop(timeoutMs: number): Promise<readonly string[]>;
}

export interface LoadOptions {
  /** Each runs one scenario at a time. */
  readonly clients: number;
  readonly scenarios: Scenarios;
}

/** Runs scenarios, one after the other in each of several clients, until it is stopped. */
export async function startLoad(
  system: System,
  random: SeededRandom,
  options: LoadOptions,
): Promise<Load> {
  const name = randomBytes(4).toString('hex');
  const author = await system.account(`${name}-author`);
  const rich = await system.account(`${name}-rich`, '1000000000');
  const itemId = await postToZap(system, author);
  const payeeItemId = await postOfPayee(system, `${name}-payee`);
  const saver = await openSaver(system, `${name}-saver`);
  const outcomes: Record<string, number> = {};
  const unfinished: Unfinished[] = [];
  const payees = new Payees(system);
  const count = (outcome: string): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  let stopping = false;
  const client = async (own: SeededRandom): Promise<void> => {
    while (!stopping) {
      const signal = AbortSignal.timeout(SCENARIO_MS);
      const context = {
        system,
        random: own,
        author,
        rich,
        itemId,
        payeeItemId,
        saver,
        payees,
        signal,
      };
      const outcome = await runScenario(context, options.scenarios);
      if (typeof outcome === 'string') count(outcome);
      else unfinished.push(outcome);
    }
  };
  const clients = Array.from({ length: options.clients }, () => client(random.fork()));
  return {
    outcomes,
    stop: async (timeoutMs) => {
      stopping = true;
      await Promise.all(clients);
      await payees.allDecided();
      const unknown = await Promise.all(
        unfinished.map(async ({ reason, ask }) => {
          const outcome = await askUntilKnown(ask, timeoutMs);
          if (outcome === undefined) return [`an interrupted scenario (${reason}) did not end`];
          count(`later ${outcome} (${reason})`);
          return [];
        }),
      );
      return unknown.flat();
    },
  };
}

const ASK_EVERY_MS = 500;

async function askUntilKnown(
  ask: Unfinished['ask'],
  timeoutMs: number,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  while (!signal.aborted) {
    const outcome = await ask(signal).catch(() => undefined);
    if (outcome !== undefined) return outcome;
    await pause(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function postOfPayee(system: System, name: string): Promise<string> {
  const payee = await system.account(name);
  // Asked first, and never mints.
  await payee.setWallet({ kind: 'simulator', address: NO_WALLET, priority: -1, maxPending: null });
  for (const [priority, address] of PAYEES.entries()) {
    await system.wallets.open(address, toMsat(0n));
    await payee.setWallet({ kind: 'simulator', address, priority, maxPending: null });
  }
  return postToZap(system, payee);
}

async function openSaver(system: System, name: string): ReturnType<System['account']> {
  await system.wallets.open(RECEIVER, toMsat(0n));
  const saver = await system.account(name);
  const grant = { asset: 'SATS', amountMsat: '1000000000', reason: 'a test' } as const;
  await system.operator.grantCredits(name, grant);
  return saver;
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
