import type { ClientBase } from 'pg';
import {
  type CreditMessage,
  type ExpenseEntry,
  type GrantEntry,
  type TransferEntry,
  alephCredits,
} from '../../domain/credits/messages.js';
import type { Us } from '../../domain/credits/time.js';
import { type Applied, applyOperation } from './apply-operation.js';
import type { OperationEntry } from './operation.js';
import { transferDetail } from './plan-rows.js';

export interface MessageToApply {
  /** The message's hash. */
  readonly ref: string;
  readonly atUs: Us;
  /** The address that sent it. */
  readonly sender: string;
  /** An issuer's transfers are grants: nothing is drained from its lots. */
  readonly senderIsIssuer: boolean;
  readonly message: CreditMessage;
}

/** Applies a message of ledger `aleph` that was authorized. Throws Refusal. */
export function applyMessage(tx: ClientBase, toApply: MessageToApply): Promise<Applied> {
  const { ref, atUs } = toApply;
  return applyOperation(tx, { ledger: 'aleph', ref, atUs, entries: entriesOf(toApply) });
}

function entriesOf({
  message,
  atUs,
  sender,
  senderIsIssuer,
}: MessageToApply): readonly OperationEntry[] {
  switch (message.kind) {
    case 'distribution': {
      const { token, chain } = message;
      return message.entries.map((entry) => grantOf(entry, atUs, { token, chain }));
    }
    case 'expense':
      return message.entries.map((entry) => debitOf(entry, atUs));
    case 'transfer':
      return message.entries.map((entry) =>
        senderIsIssuer ? issuerGrantOf(entry, atUs, sender) : transferOf(entry, atUs, sender),
      );
  }
}

function grantOf(
  { address, amount, expiresUs, ...detail }: GrantEntry,
  at: Us,
  envelope: { readonly token: string; readonly chain: string },
): OperationEntry {
  return {
    kind: 'grant',
    address,
    amount: alephCredits(amount, at),
    expiresUs,
    detail: { ...detail, ...envelope },
  };
}

/** Messages can arrive late, so, as at the peer, an expense is always recorded, covered or not. */
function debitOf(entry: ExpenseEntry, at: Us): OperationEntry {
  return {
    kind: 'debit',
    address: entry.address,
    amount: alephCredits(entry.amount, at),
    covered: false,
    detail: {
      price: entry.price,
      txHash: entry.nodeId,
      provider: 'ALEPH',
      origin: entry.executionId,
      originRef: entry.originRef,
      paymentMethod: 'credit_expense',
      expenseCount: entry.count,
      expenseSizeMib: entry.sizeMib,
    },
  };
}

function transferOf(
  { address, amount, expiresUs }: TransferEntry,
  at: Us,
  sender: string,
): OperationEntry {
  return {
    kind: 'transfer',
    sender,
    recipient: address,
    amount: alephCredits(amount, at),
    expiresUs,
  };
}

/** A transfer by an issuer creates the credits. */
function issuerGrantOf(
  { address, amount, expiresUs }: TransferEntry,
  at: Us,
  sender: string,
): OperationEntry {
  return {
    kind: 'grant',
    address,
    amount: alephCredits(amount, at),
    expiresUs,
    detail: transferDetail(sender),
  };
}
