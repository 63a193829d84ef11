import type { ClientBase } from 'pg';
import type {
  CreditMessage,
  ExpenseEntry,
  GrantEntry,
  TransferEntry,
} from '../../domain/credits/entries.js';
import type { Us } from '../../domain/credits/time.js';
import { alephCredits } from '../../domain/credits/units.js';
import { type Applied, applyOperation } from './apply-operation.js';
import type { Part } from './operation.js';
import { transferDetail } from './plan-operation.js';

export interface MessageToApply {
  /** The message's hash. */
  readonly ref: string;
  readonly atUs: Us;
  /** The address in whose name it was sent. */
  readonly sender: string;
  /** An issuer's transfers are grants: nothing is taken from its lots. */
  readonly senderIsIssuer: boolean;
  readonly message: CreditMessage;
}

/** Writes a message of ledger `aleph`, whose right to be written was checked. Throws Refusal. */
export function applyMessage(tx: ClientBase, toApply: MessageToApply): Promise<Applied> {
  const { ref, atUs } = toApply;
  return applyOperation(tx, { ledger: 'aleph', ref, atUs, parts: partsOf(toApply) });
}

function partsOf({ message, atUs, sender, senderIsIssuer }: MessageToApply): readonly Part[] {
  switch (message.kind) {
    case 'distribution': {
      const { token, chain } = message;
      return message.entries.map((entry) => grantPart(entry, atUs, { token, chain }));
    }
    case 'expense':
      return message.entries.map((entry) => expensePart(entry, atUs));
    case 'transfer':
      return message.entries.map((entry) =>
        senderIsIssuer ? issuedPart(entry, atUs, sender) : movePart(entry, atUs, sender),
      );
  }
}

function grantPart(
  { address, amount, expiresUs, ...detail }: GrantEntry,
  at: Us,
  envelope: { readonly token: string; readonly chain: string },
): Part {
  return {
    kind: 'give',
    address,
    amount: alephCredits(amount, at),
    expiresUs,
    detail: { ...detail, ...envelope },
  };
}

/** Messages come late, and the peer keeps what was meant: an expense is always recorded. */
function expensePart(entry: ExpenseEntry, at: Us): Part {
  return {
    kind: 'take',
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

function movePart({ address, amount, expiresUs }: TransferEntry, at: Us, sender: string): Part {
  return { kind: 'move', sender, recipient: address, amount: alephCredits(amount, at), expiresUs };
}

/** As {@link movePart}, but out of nothing; what no transfer may do, an issuer's may not either. */
function issuedPart({ address, amount, expiresUs }: TransferEntry, at: Us, sender: string): Part {
  return {
    kind: 'give',
    address,
    amount: alephCredits(amount, at),
    expiresUs,
    detail: transferDetail(sender),
  };
}
