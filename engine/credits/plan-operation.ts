import { keyText } from '../../domain/credits/lot.js';
import type { Slice } from '../../domain/credits/drain.js';
import { receivedLots } from '../../domain/credits/transfer.js';
import type { HistoryRow } from './history-rows.js';
import type { Move, Operation } from './operation.js';

/** What each demand takes, by the text of its key. */
export type Takings = ReadonlyMap<string, readonly Slice[]>;

/** A demand's slices under the number that its row has got. */
export interface NumberedDebit {
  readonly row: HistoryRow;
  readonly slices: readonly Slice[];
}

export interface PlannedRows {
  readonly rows: readonly HistoryRow[];
  readonly debits: readonly NumberedDebit[];
}

/** The rows of an operation, numbered as they come: of a transfer the recipient's first, then the sender's. */
export function planRows(operation: Operation, takings: Takings): PlannedRows {
  const rows: HistoryRow[] = [];
  const debits: NumberedDebit[] = [];
  const { ref, atUs } = operation;
  const add = (row: Omit<HistoryRow, 'ref' | 'index' | 'atUs'>): HistoryRow => {
    const numbered = { ...row, ref, index: rows.length, atUs };
    rows.push(numbered);
    return numbered;
  };
  for (const [index, part] of operation.parts.entries()) {
    const slices = takings.get(keyText({ ref, index })) ?? [];
    switch (part.kind) {
      case 'give': {
        const { address, amount, expiresUs, detail, refundOf } = part;
        add({
          address,
          amount,
          expiresUs,
          detail,
          ...(refundOf === undefined ? {} : { refundOf }),
        });
        break;
      }
      case 'take': {
        const { address, amount, detail } = part;
        debits.push({ row: add({ address, amount: -amount, expiresUs: null, detail }), slices });
        break;
      }
      case 'move': {
        for (const row of recipientRows(part, slices)) add(row);
        debits.push({ row: add(senderRow(part)), slices });
        break;
      }
    }
  }
  return { rows, debits };
}

type UnnumberedRow = Omit<HistoryRow, 'ref' | 'index' | 'atUs'>;

function recipientRows(part: Move, slices: readonly Slice[]): readonly UnnumberedRow[] {
  return receivedLots(slices, part.expiresUs).map(({ amount, expiresUs }) => ({
    address: part.recipient,
    amount,
    expiresUs,
    detail: transferDetail(part.sender),
  }));
}

function senderRow(part: Move): UnnumberedRow {
  return {
    address: part.sender,
    amount: -part.amount,
    expiresUs: null,
    detail: transferDetail(part.recipient),
  };
}

/** What a transfer's row says: its origin is the other side. */
export function transferDetail(other: string): HistoryRow['detail'] {
  return { provider: 'ALEPH', origin: other, paymentMethod: 'credit_transfer' };
}
