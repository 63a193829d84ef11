import { toMsat } from '../../../domain/money.js';
import { invoiceUpdateMessage } from '../../../services/shared/messages/payments.js';
import { publish } from '../../../services/shared/publish.js';
import type { Bench } from '../bench.js';
import type { Opened } from '../actors.js';

let cursor = 0n;

/** Says on JetStream, as the watcher does, that an invoice was paid; resolves once it is stored there. */
export async function tellPaid(bench: Bench, { hash, amountMsat }: Opened): Promise<void> {
  const { nats, epoch } = bench.parts;
  cursor += 1n;
  const message = invoiceUpdateMessage({
    hash,
    at: new Date(),
    node: 'bench',
    cursor,
    state: 'settled',
    receivedMsat: toMsat(BigInt(amountMsat)),
  });
  const messageId = `bench/${process.pid}/${cursor.toString()}`;
  await publish(nats.jetstream(), { ...message, messageId, epoch });
}
