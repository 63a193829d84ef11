import { keyText } from '../../domain/credits/lot.js';
import { receivedLots, type Slice } from '../../domain/credits/drain.js';
import type { HistoryRow } from './history-rows.js';
import type { Operation, Transfer } from './operation.js';
import type { DrainPlan } from './plan-drains.js';

/** A debit's row and the slices that it drains. */
export interface PlannedDebit {
  readonly row: HistoryRow;
  readonly slices: readonly Slice[];
}

export interface PlannedRows {
  readonly rows: readonly HistoryRow[];
  readonly debits: readonly PlannedDebit[];
}

/** The history rows of an operation, numbered in order: of a transfer first the recipient's, then the sender's. */
export function planRows(operation: Operation, drains: DrainPlan['slices']): PlannedRows {
  const rows: HistoryRow[] = [];
  const debits: PlannedDebit[] = [];
  const { ref, atUs } = operation;
  const add = (row: UnnumberedRow): HistoryRow => {
    const numbered = { ...row, ref, index: rows.length, atUs };
    rows.push(numbered);
    return numbered;
  };
  for (const [index, entry] of operation.entries.entries()) {
    const slices = drains.get(keyText({ ref, index })) ?? [];
    switch (entry.kind) {
      case 'grant': {
        const { address, amount, expiresUs, detail, refundOf } = entry;
        add({
          address,
          amount,
          expiresUs,
          detail,
          ...(refundOf === undefined ? {} : { refundOf }),
        });
        break;
      }
      case 'debit': {
        const { address, amount, detail } = entry;
        debits.push({ row: add({ address, amount: -amount, expiresUs: null, detail }), slices });
        break;
      }
      case 'transfer': {
        for (const row of recipientRows(entry, slices)) add(row);
        debits.push({ row: add(senderRow(entry)), slices });
        break;
      }
    }
  }
  return { rows, debits };
}

type UnnumberedRow = Omit<HistoryRow, 'ref' | 'index' | 'atUs'>;

function recipientRows(transfer: Transfer, slices: readonly Slice[]): readonly UnnumberedRow[] {
  return receivedLots(slices, transfer.expiresUs).map(({ amount, expiresUs }) => ({
    address: transfer.recipient,
    amount,
    expiresUs,
    detail: transferDetail(transfer.sender),
  }));
}

function senderRow(transfer: Transfer): UnnumberedRow {
  return {
    address: transfer.sender,
    amount: -transfer.amount,
    expiresUs: null,
    detail: transferDetail(transfer.recipient),
  };
}

/** The detail of a transfer's row: its origin is the address on the other side. */
export function transferDetail(other: string): HistoryRow['detail'] {
  return { provider: 'ALEPH', origin: other, paymentMethod: 'credit_transfer' };
}
