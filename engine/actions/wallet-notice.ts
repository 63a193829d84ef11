import type { ClientBase } from 'pg';
import { walletSubject } from '../../domain/names/subjects.js';
import { enqueueEvent } from '../outbox.js';

/** A wallet that could not be paid, or did not mint what can be paid. */
export interface UselessWallet {
  /** Of the action that was to be paid to it. */
  readonly type: string;
  /** Missing where none was opened. */
  readonly actionId?: string;
  readonly attempt?: number;
  /** The account that has to mend it. */
  readonly owner: string;
  readonly wallet: { readonly id: bigint; readonly kind: string };
  /** In a word. */
  readonly failure: string;
}

/** Its owner should know: others cannot pay them there. */
export function tellOfWallet(tx: ClientBase, useless: UselessWallet): Promise<void> {
  const { type, actionId, attempt, owner, wallet, failure } = useless;
  return enqueueEvent(tx, {
    subject: walletSubject(type),
    orderingKey: `wallet/${wallet.id}`,
    payload: {
      ...{ type, owner, walletId: wallet.id.toString(), kind: wallet.kind, failure },
      ...(actionId === undefined ? {} : { actionId, attempt }),
    },
  });
}
