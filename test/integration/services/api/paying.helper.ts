import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { transact } from '../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import { toMsat } from '../../../../domain/money.js';
import type { ApiTester } from './tester.helper.js';

/** Pays from a wallet and applies what the node then says, as the relay would. */
export async function pay(
  { api: { engine, simulator } }: ApiTester,
  bolt11: string | null | undefined,
): Promise<void> {
  const { hash } = await simulator.wallets.pay('payer', bolt11 ?? '');
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice === undefined || invoice.state === 'open') throw new Error('it is not paid');
  const { state, receivedMsat } = invoice;
  await transact(engine, (tx) =>
    applyInvoiceUpdate(engine, tx, { hash, state, receivedMsat }, 'other'),
  );
}

/** Money that came for an invoice that was canceled here, as a node may report it. */
export async function settledLate(
  { api: { engine } }: ApiTester,
  hash: PaymentHash,
  receivedMsat: bigint,
): Promise<void> {
  await transact(engine, (tx) =>
    applyInvoiceUpdate(
      engine,
      tx,
      { hash, state: 'settled', receivedMsat: toMsat(receivedMsat) },
      'other',
    ),
  );
}
