import { createNode, NODE_KEYS } from '../../../adapters/lightning/create-node.js';
import { Refusal } from '../../../domain/refusal.js';
import type { Caller } from '../../../engine/accounts/caller.js';
import { cancelAction, notFound } from '../../../engine/actions/cancel.js';
import type { ActionView } from '../../../engine/actions/contract.js';
import { viewAction } from '../../../engine/actions/read-action.js';
import { retryAction } from '../../../engine/actions/retry.js';
import type { EngineContext } from '../../../engine/context.js';
import { decidePayment } from '../../../engine/operator/decide-payment.js';
import type { Known } from '../../../engine/payouts/forgotten.js';
import { findPreimage } from '../../../engine/invoices/open-invoice.js';
import { loadConfigPart } from '../../shared/config.js';
import { createEngineContext, ENGINE_KEYS } from '../../shared/engine-context.js';
import { CommandError } from '../run-command.js';
import { withPool } from '../with-pool.js';

/** Whoever can reach the database is an operator; no account has this name. Its own balance pays for nothing. */
const OPERATOR: Caller = {
  ...{ kind: 'account', id: '00000000-0000-0000-0000-000000000000' },
  ...{ name: '(command line)', role: 'operator' },
};

type Say = (line: string) => void;

/** Opens a new attempt, paid by an invoice, whoever the author is. */
export function retryCommand(actionId: string, say: Say): Promise<void> {
  return withEngine(async (engine) => {
    const before = await viewAction(engine.pool, actionId, OPERATOR);
    const newest = before?.attempts.at(-1);
    if (before === undefined || newest === undefined) throw notFound(actionId);
    refuseOtherSecret(engine, before);
    const { view } = await retryAction(engine, {
      ...{ actionId, attempt: newest.attempt, payment: 'invoice', caller: OPERATOR },
    });
    sayOutcome(view, say);
    const { invoice } = view.attempts.at(-1) ?? { invoice: null };
    const missing = `the node has not created its invoice yet: quittance action show ${actionId}`;
    say(invoice?.bolt11 ?? missing);
  });
}

/** With another secret the new invoice could never be settled by the other processes. */
function refuseOtherSecret(engine: EngineContext, { id: actionId, attempts }: ActionView): void {
  const differs = attempts.some(
    ({ attempt, flow, invoice }) =>
      // A wrapped one has the hash of its payee.
      flow !== 'wrapped' &&
      invoice !== null &&
      findPreimage(engine, { payable: { actionId, attempt }, n: 1, hash: invoice.hash }) ===
        undefined,
  );
  if (!differs) return;
  throw new CommandError(
    'QUITTANCE_SECRET is not the one with which this action was opened',
    'set the environment that the other processes have',
  );
}

/** Cancels the newest attempt, with the reason SYSTEM_CANCELLED. */
export function cancelCommand(actionId: string, say: Say): Promise<void> {
  return withEngine(async (engine) => {
    const { view, done } = await cancelAction(engine, { actionId, caller: OPERATOR });
    sayOutcome(view, say);
    if (!done) say(`the node has not answered yet: quittance action show ${actionId}`);
  });
}

/** Says what became of a payment that the node has forgotten. */
export function decideCommand(actionId: string, known: Known, say: Say): Promise<void> {
  return withEngine(async (engine) => {
    const hash = await decidePayment(engine, actionId, known);
    const became = known.preimage === undefined ? 'failed' : 'succeeded';
    say(`payment ${hash} has ${became}: quittance action show ${actionId}`);
  });
}

function sayOutcome(view: ActionView, say: Say): void {
  const newest = view.attempts.at(-1);
  const reason = newest?.reason ?? null;
  say(`attempt ${newest?.attempt ?? 0}: ${view.state}${reason === null ? '' : ` (${reason})`}`);
}

/** The engine as the API has it. A refusal becomes the command's failure. */
async function withEngine(work: (engine: EngineContext) => Promise<void>): Promise<void> {
  const config = loadConfigPart([...ENGINE_KEYS, ...NODE_KEYS]);
  await withPool(async (pool) => {
    // The relays also poll, so that nothing has to wait for a notification here.
    const parts = { pool, node: createNode(config), outboxChanged: () => undefined };
    await work(createEngineContext(config, parts));
  }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw new CommandError(
      `${error.code}: ${error.detail}`,
      '`quittance action show <id>` tells the state of an action',
      { cause: error },
    );
  });
}
