import type { Msat } from '../../../domain/money.js';
import type { PaymentHash } from '../port.js';
import type { LndChannel } from './channel.js';
import { invoiceOf } from './convert.js';
import { METHODS } from './methods.js';

interface SettledInvoice {
  readonly hash: PaymentHash;
  readonly receivedMsat: Msat;
  readonly settledAt: Date;
}

const PAGE = 1_000;

/** All that lnd has settled, also what is not ours, in pages. Throws LightningError. */
export async function* settledInvoices(
  lnd: LndChannel,
): AsyncGenerator<SettledInvoice, void, undefined> {
  let from = 0n;
  for (;;) {
    const { invoices, last_index_offset: last } = await lnd.call(METHODS.listInvoices, {
      ...{ pending_only: false, index_offset: from.toString(), num_max_invoices: PAGE },
    });
    for (const invoice of invoices) {
      const { hash, state, receivedMsat } = invoiceOf(invoice);
      const settledAt = new Date(Number(invoice.settle_date) * 1000);
      if (state === 'settled') yield { hash, receivedMsat, settledAt };
    }
    if (invoices.length < PAGE || last <= from) return;
    from = last;
  }
}
