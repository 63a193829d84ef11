import { type CreatedInvoice, LightningError } from '../../adapters/lightning/port.js';
import type { EngineContext } from '../context.js';
import { cancelAtNode, createAtNode } from './at-node.js';
import type { WantedInvoice } from './open-invoice.js';

/** What follows from the node's answer, each in a transaction of its own. */
export interface AfterCreation {
  /** False where nobody waits for it any more. */
  readonly record: (invoice: CreatedInvoice) => Promise<boolean>;
  /** The node refuses, for ever. */
  readonly refused: (code: string) => Promise<void>;
}

/**
 * Creates an invoice at the node for whoever needs it; false where the node refuses. One that nobody waits for any more is cancelled: nobody
 * has seen it, so nobody can pay it. Throws LightningError while the outcome is not known: call it again.
 */
export async function createInvoiceFor(
  engine: EngineContext,
  wanted: WantedInvoice,
  { record, refused }: AfterCreation,
): Promise<boolean> {
  const invoice = await createAtNode(engine, wanted).catch((error: unknown) => {
    if (error instanceof LightningError && error.kind === 'refused') return error;
    throw error;
  });
  if (invoice instanceof LightningError) {
    await refused(invoice.code);
    return false;
  }
  if (!(await record(invoice))) {
    await cancelAtNode(engine, { hash: wanted.hash, shown: null });
  }
  return true;
}
