import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { applyOperation } from '../../../engine/credits/apply-operation.js';
import type { OperationEntry } from '../../../engine/credits/operation.js';
import { refundDebit } from '../../../engine/credits/refund.js';
import { inTransaction } from '../../../db/transaction.js';
import { usOfMs } from '../../../domain/credits/time.js';

/** An expense of one credit per address, like a message of ledger `aleph`. Returns its reference. */
export async function expense(pool: Pool, addresses: readonly string[]): Promise<string> {
  const ref = randomBytes(32).toString('hex');
  const atUs = usOfMs(BigInt(Date.now()));
  const entries = addresses.map((address): OperationEntry => ({
    ...{ kind: 'debit', address, amount: 1n, covered: false },
    detail: {
      provider: 'ALEPH',
      origin: ref,
      originRef: ref,
      paymentMethod: 'credit_expense',
      expenseCount: 3n,
      expenseSizeMib: '12.5',
    },
  }));
  await inTransaction(pool, (tx) => applyOperation(tx, { ledger: 'aleph', ref, atUs, entries }));
  return ref;
}

export function grant(pool: Pool, address: string): Promise<unknown> {
  const ref = randomBytes(32).toString('hex');
  const atUs = usOfMs(BigInt(Date.now()));
  const detail = { provider: 'bench', paymentMethod: 'credit_card' };
  const entry: OperationEntry = { kind: 'grant', address, amount: 1000n, expiresUs: null, detail };
  return inTransaction(pool, (tx) =>
    applyOperation(tx, { ledger: 'aleph', ref, atUs, entries: [entry] }),
  );
}

/** Refunds an expense. */
export function refund(pool: Pool, debitRef: string): Promise<unknown> {
  const ref = `refund/${debitRef}`;
  return inTransaction(pool, (tx) =>
    refundDebit(tx, { ledger: 'aleph', ref, debitRef, graceUs: 0n }),
  );
}
