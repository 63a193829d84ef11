import { setTimeout as pause } from 'node:timers/promises';
import { type Action, QuittanceClient } from '@quittance/sdk';
import { type System, WALLET } from '../../e2e/system.helper.js';

const LONGEST_MS = 60_000;
const POLL_MS = 150;

export interface LoadReport {
  /** Actions by their last state. */
  readonly states: Readonly<Record<string, number>>;
  /** Requests that failed, each with why: nothing is tried again. */
  readonly failures: readonly string[];
}

export interface Load {
  readonly finished: () => number;
  /** Begins nothing new, and waits for what is open. */
  stop(): Promise<LoadReport>;
}

/**
 * People who post, zap by invoice, zap by balance and read, through `url`, each without a pause and without ever trying a request
 * again.
 */
export async function startLoad(system: System, url: string, clients: number): Promise<Load> {
  const states: Record<string, number> = {};
  const failures: string[] = [];
  let over = false;
  const isOver = (): boolean => over;
  const author = await system.account('rollout-author', '1000000000');
  const args = { title: 'A post during a rollout' };
  const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'credits' });
  const itemId = action.result['itemId'] ?? '';
  const running = Array.from({ length: clients }, async (_, n) => {
    const { token } = await system.operator.openAccount({ name: `rollout-${n}` });
    await system.operator.grantCredits(`rollout-${n}`, {
      amountMsat: '10000000',
      reason: 'a test',
    });
    const client = new QuittanceClient({ baseUrl: url, retries: 0, ...(token && { token }) });
    for (let turn = 0; !isOver(); turn += 1) {
      try {
        const state = await one(system, client, { itemId, turn });
        states[state] = (states[state] ?? 0) + 1;
      } catch (error) {
        failures.push(`${new Date().toISOString()} ${describe(error)}`);
      }
    }
  });
  return {
    finished: () => Object.values(states).reduce((sum, count) => sum + count, 0),
    stop: async () => {
      over = true;
      await Promise.all(running);
      return { states, failures };
    },
  };
}

async function one(
  system: System,
  client: QuittanceClient,
  { itemId, turn }: { readonly itemId: string; readonly turn: number },
): Promise<string> {
  const payment = turn % 3 === 2 ? 'credits' : 'invoice';
  const zap = { type: 'ZAP', args: { itemId, sats: 1 + (turn % 5) }, payment } as const;
  const post = { type: 'ITEM_CREATE', args: { title: `Turn ${turn}` }, payment } as const;
  const { action } = await client.openAction(turn % 2 === 0 ? zap : post);
  const invoiced = await until(client, action, ({ state }) => state !== 'INVOICING');
  const bolt11 = invoiced.attempts.at(-1)?.invoice?.bolt11;
  // A hold invoice: the wallet's payment goes on until it is settled.
  if (typeof bolt11 === 'string') void system.wallets.pay(WALLET, bolt11).catch(() => undefined);
  return (await until(client, invoiced, ({ state }) => ENDS.has(state))).state;
}

const ENDS: ReadonlySet<string> = new Set(['PAID', 'FAILED']);

/** Reads it until it is so; a read that fails is a failure. */
async function until(
  client: QuittanceClient,
  action: Action,
  is: (action: Action) => boolean,
): Promise<Action> {
  const deadline = performance.now() + LONGEST_MS;
  let last = action;
  while (!is(last)) {
    if (performance.now() > deadline) return { ...last, state: `stuck in ${last.state}` as never };
    await pause(POLL_MS);
    last = await client.getAction(action.id);
  }
  return last;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
