import type { Pool } from 'pg';
import type { InvoiceState } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import type { SimulatedNode } from '../../../../simulators/lightning/simulated-node.js';
import type { SimulatedWallets } from '../../../../simulators/lightning/simulated-wallets.js';
import { newSecret } from './fixture.helper.js';

/** The node and its wallets, without HTTP. */
export interface World {
  readonly pool: Pool;
  readonly node: SimulatedNode;
  readonly wallets: SimulatedWallets;
}

export const WALLETS = ['alice', 'bob'] as const;

/** One operation on one of a few invoices. */
export interface Step {
  readonly what: 'pay' | 'settle' | 'cancel' | 'expire' | 'time_out';
  readonly invoice: number;
  readonly wallet: number;
  /** Of what the invoice asks for. */
  readonly percent: number;
}

export interface ModelInvoice {
  readonly kind: 'ordinary' | 'hold';
  readonly amountMsat: bigint;
  readonly preimage: string;
  readonly hash: string;
  readonly bolt11: string;
  state: InvoiceState;
  payer?: string;
}

export async function createInvoices(
  { node }: World,
  kinds: readonly ('ordinary' | 'hold')[],
): Promise<ModelInvoice[]> {
  const created: ModelInvoice[] = [];
  for (const [index, kind] of kinds.entries()) {
    const { preimage, hash } = newSecret();
    const amountMsat = toMsat(BigInt(index + 1) * 1_000_000n);
    const secret = kind === 'hold' ? { hash } : { preimage };
    const request = { kind, amountMsat, expirySeconds: 3600, memo: 'of the model', ...secret };
    const { bolt11 } = await node.createInvoice(request);
    created.push({ kind, amountMsat, preimage, hash, bolt11, state: 'open' });
  }
  return created;
}

/** Runs the step; rejects when the node refuses. */
export async function perform(world: World, step: Step, invoice: ModelInvoice): Promise<unknown> {
  switch (step.what) {
    case 'pay':
      return world.wallets.pay({
        wallet: walletOf(step),
        bolt11: invoice.bolt11,
        amountMsat: toMsat((invoice.amountMsat * BigInt(step.percent)) / 100n),
      });
    case 'settle':
      return world.node.settleInvoice(invoice.preimage);
    case 'cancel':
      return world.node.cancelInvoice(invoice.hash);
    case 'expire':
    case 'time_out': {
      const column = step.what === 'expire' ? 'expires_at' : 'held_until';
      await world.pool.query(
        `update lightning_sim.invoices set ${column} = clock_timestamp()
          where hash = $1 and ${column} is not null`,
        [invoice.hash],
      );
      return world.node.closeOverdue();
    }
  }
}

/** The expected behaviour of a node: the state after the step, or the refusal. */
export function expected(step: Step, invoice: ModelInvoice): InvoiceState | { refused: string } {
  const { state, kind } = invoice;
  switch (step.what) {
    case 'pay':
      return afterPaying(step, invoice);
    case 'settle':
      if (state === 'open') return { refused: 'not_held' };
      return state === 'canceled' ? { refused: 'already_canceled' } : 'settled';
    case 'cancel':
      return state === 'settled' ? { refused: 'already_settled' } : 'canceled';
    case 'expire':
      return state === 'open' ? 'canceled' : state;
    case 'time_out':
      return state === 'held' && kind === 'hold' ? 'canceled' : state;
  }
}

function afterPaying(step: Step, invoice: ModelInvoice): InvoiceState | { refused: string } {
  const { state, kind, payer } = invoice;
  // A wallet's own payment is returned again, unless it failed.
  if (payer === walletOf(step) && state !== 'canceled') return state;
  if (state === 'canceled') return { refused: 'already_canceled' };
  if (state === 'settled') return { refused: 'already_settled' };
  if (state === 'held') return { refused: 'invoice_unpayable' };
  if (step.percent < 100) return { refused: 'invoice_unpayable' };
  return kind === 'hold' ? 'held' : 'settled';
}

export function walletOf({ wallet }: Step): string {
  return WALLETS[wallet] ?? 'alice';
}
