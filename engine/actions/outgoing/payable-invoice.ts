import type { ClientBase } from 'pg';
import { type DecodedInvoice, LightningError } from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';
import { spellBolt11 } from '../../../domain/payouts/bolt11-spelling.js';
import { withdrawalFeeBudget } from '../../../domain/payouts/fee-budget.js';
import { Refusal } from '../../../domain/refusal.js';
import type { EngineContext } from '../../context.js';

/** An invoice that may be paid, and what that may cost. */
export interface PayableInvoice {
  readonly bolt11: string;
  /** The public key of the node that has read it, and will pay it. */
  readonly node: string;
  readonly decoded: DecodedInvoice;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
}

/** What is to be paid, as somebody asks for it. */
export interface AskedInvoice {
  /** In any spelling. */
  readonly bolt11: string;
  /** Where the invoice names none; else it must be the same. */
  readonly amountMsat?: Msat;
  /** Most that routing may cost. Default: 1 %, at least 10 sats. */
  readonly maxFeeMsat?: Msat;
}

/** Asks the node what the invoice says, before any transaction. Throws Refusal. */
export async function readPayable(
  { node }: Pick<EngineContext, 'node'>,
  asked: AskedInvoice,
): Promise<PayableInvoice> {
  const bolt11 = spellBolt11(asked.bolt11);
  if (bolt11 === undefined) {
    throw new Refusal('withdrawal.invalid_invoice', 'this is not a BOLT11 invoice');
  }
  const [decoded, info] = await Promise.all([node.decode(bolt11), node.info()]).catch(refuse);
  const amountMsat = decoded.amountMsat ?? asked.amountMsat;
  if (amountMsat === undefined || amountMsat <= 0n) {
    throw new Refusal('withdrawal.amount_required', 'the invoice names no amount');
  }
  if (asked.amountMsat !== undefined && asked.amountMsat !== amountMsat) {
    throw new Refusal('withdrawal.amount_required', `the invoice is about ${amountMsat} msat`);
  }
  if (decoded.payee === info.publicKey) {
    throw new Refusal('withdrawal.own_invoice', 'the invoice is of our own node');
  }
  // Paid or tried by somebody else of this node: what it would answer is not about our payment.
  const earlier = await node.lookupPayment(decoded.hash).catch(refuse);
  if (earlier !== undefined) throw used();
  return {
    ...{ bolt11, node: info.publicKey, decoded, amountMsat },
    maxFeeMsat: asked.maxFeeMsat ?? withdrawalFeeBudget(amountMsat),
  };
}

function refuse(error: unknown): never {
  if (!(error instanceof LightningError)) throw error;
  if (error.kind === 'refused') {
    throw new Refusal('withdrawal.invalid_invoice', 'the node cannot read the invoice');
  }
  throw new Refusal('service.unavailable', 'the Lightning node does not answer');
}

export function used(): Refusal {
  return new Refusal('withdrawal.invoice_used', 'an invoice is paid once: take a new one');
}

/** Expiry by the database's clock: it only spares a payment in vain, and the node refuses what has expired by its own. */
export async function refuseUnpayable(
  tx: ClientBase,
  { hash, expiresAt }: DecodedInvoice,
): Promise<void> {
  const { rows } = await tx.query<{ expired: boolean; owned: boolean; own: boolean }>(
    `select $2::timestamptz <= clock_timestamp() as expired,
       exists (select from payment_hashes where hash = $1) as owned,
       exists (select from invoices where hash = $1) as own`,
    [hash, expiresAt],
  );
  const [row] = rows;
  if (row?.own === true) {
    throw new Refusal('withdrawal.own_invoice', 'the invoice is one of ours, or one that we wrap');
  }
  if (row?.owned === true) throw used();
  if (row?.expired === true) {
    throw new Refusal('withdrawal.invoice_expired', 'the invoice has expired');
  }
}
