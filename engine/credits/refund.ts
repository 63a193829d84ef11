import type { ClientBase } from 'pg';
import { type EntryKey, type LedgerName, isExpiredAt } from '../../domain/credits/lot.js';
import type { Us } from '../../domain/credits/time.js';
import { lockAccounts } from './accounts.js';
import { type Applied, applyOperation } from './apply-operation.js';
import type { Grant } from './operation.js';

export interface Refund {
  readonly ledger: LedgerName;
  /** Identifies the refund, so that it is done only once. */
  readonly ref: string;
  /** The debit whose drains are all refunded. */
  readonly debitRef: string;
  /** How long credits whose lot has expired can still be used. */
  readonly graceUs: Us;
}

interface DrainToRefund {
  readonly address: string;
  readonly debitIndex: number;
  readonly lotRef: string;
  readonly lotIndex: number;
  readonly amount: bigint;
  readonly expiresUs: Us | null;
}

/**
 * Refunds a debit to the lots it drained. Where a lot has expired meanwhile, the credits become a new lot that is valid for the
 * grace: our own delays must not cost a user credits.
 */
export async function refundDebit(tx: ClientBase, refund: Refund): Promise<Applied> {
  const { ledger, ref, debitRef } = refund;
  const { rows: debits } = await tx.query<{ address: string }>(
    'select distinct address from credit_history where ledger = $1 and credit_ref = $2 and amount < 0',
    [ledger, debitRef],
  );
  if (debits.length === 0) throw new Error(`there is no debit ${debitRef} to refund`);
  const addresses = debits.map(({ address }) => address);
  const { nextUs: atUs } = await lockAccounts(tx, ledger, addresses);
  const drains = await readDrains(tx, ledger, debitRef);
  const entries = drains.map((drain) => refundOf(drain, debitRef, atUs, refund.graceUs));
  if (entries.length === 0) return { replayed: true, rows: [] };
  return applyOperation(tx, { ledger, ref, atUs, entries });
}

async function readDrains(
  tx: ClientBase,
  ledger: LedgerName,
  debitRef: string,
): Promise<readonly DrainToRefund[]> {
  const { rows } = await tx.query<DrainToRefund>(
    `select d.address, d.debit_index as "debitIndex", d.lot_ref as "lotRef", d.lot_index as "lotIndex", d.amount,
       to_us(lot.expires_at) as "expiresUs"
     from credit_drains d
     join credit_history lot on lot.ledger = d.ledger and lot.credit_ref = d.lot_ref and lot.credit_index = d.lot_index
     where d.ledger = $1 and d.debit_ref = $2
     order by d.debit_index, lot.at, d.lot_ref, d.lot_index`,
    [ledger, debitRef],
  );
  return rows;
}

function refundOf(drain: DrainToRefund, debitRef: string, atUs: Us, graceUs: Us): Grant {
  const { address, amount, debitIndex, lotRef, lotIndex, expiresUs } = drain;
  const lot: EntryKey = { ref: lotRef, index: lotIndex };
  return {
    kind: 'grant',
    address,
    amount,
    expiresUs: isExpiredAt(expiresUs, atUs) ? atUs + graceUs : null,
    detail: { provider: 'QUITTANCE', origin: debitRef, paymentMethod: 'credit_refund' },
    refundOf: { debit: { ref: debitRef, index: debitIndex }, lot },
  };
}
