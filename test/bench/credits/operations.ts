import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { applyOperation } from '../../../engine/credits/apply-operation.js';
import type { Part } from '../../../engine/credits/operation.js';
import { refundDebit } from '../../../engine/credits/refund.js';
import { inTransaction } from '../../../db/transaction.js';
import { usOfMs } from '../../../domain/credits/time.js';

/** An expense of one credit per address, as the messages of ledger `aleph` are. Gives its reference. */
export async function expense(pool: Pool, addresses: readonly string[]): Promise<string> {
  const ref = randomBytes(32).toString('hex');
  const atUs = usOfMs(BigInt(Date.now()));
  const parts = addresses.map((address): Part => ({
    ...{ kind: 'take', address, amount: 1n, covered: false },
    detail: {
      provider: 'ALEPH',
      origin: ref,
      originRef: ref,
      paymentMethod: 'credit_expense',
      expenseCount: 3n,
      expenseSizeMib: '12.5',
    },
  }));
  await inTransaction(pool, (tx) => applyOperation(tx, { ledger: 'aleph', ref, atUs, parts }));
  return ref;
}

export function grant(pool: Pool, address: string): Promise<unknown> {
  const ref = randomBytes(32).toString('hex');
  const atUs = usOfMs(BigInt(Date.now()));
  const detail = { provider: 'bench', paymentMethod: 'credit_card' };
  const part: Part = { kind: 'give', address, amount: 1000n, expiresUs: null, detail };
  return inTransaction(pool, (tx) =>
    applyOperation(tx, { ledger: 'aleph', ref, atUs, parts: [part] }),
  );
}

/** Gives back what an expense took just before. */
export function refund(pool: Pool, debitRef: string): Promise<unknown> {
  const ref = `refund/${debitRef}`;
  return inTransaction(pool, (tx) =>
    refundDebit(tx, { ledger: 'aleph', ref, debitRef, graceUs: 0n }),
  );
}
