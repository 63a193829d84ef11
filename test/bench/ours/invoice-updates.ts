import { setTimeout as pause } from 'node:timers/promises';
import { toMsat } from '../../../domain/money.js';
import { invoiceUpdateMessage } from '../../../services/shared/messages/payments.js';
import { publish } from '../../../services/shared/publish.js';
import { signerOf } from '../../support/signers.js';
import type { Bench } from '../bench.js';
import { burst, p50, p99 } from '../callers.js';
import type { Opened } from '../actors.js';
import type { Outcomes } from './outcomes.js';

/** Long enough for the woken workflow to end. */
const BETWEEN_MS = 50;

let cursor = 0n;

/** Publishes on JetStream, like the watcher, that an invoice is settled. Resolves when the message is stored. */
export async function publishSettled(bench: Bench, { hash, amountMsat }: Opened): Promise<void> {
  const { nats, epoch, variables } = bench.parts;
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
  await publish(
    nats.jetstream(),
    { ...message, messageId, epoch },
    signerOf(variables, 'QUITTANCE_PAYMENTS_SIGNING_KEY', 'bench'),
  );
}

/** One update at a time: ms from publishing it to the event that follows from it on NATS. Awaits `idle` before each. */
export async function quietUpdates(
  bench: Bench,
  outcomes: Outcomes,
  opened: readonly Opened[],
  idle: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  for (const one of opened) {
    await idle();
    await pause(BETWEEN_MS);
    const publishedAt = performance.now();
    const [at] = await Promise.all([outcomes.of(one.id), publishSettled(bench, one)]);
    times.push(at - publishedAt);
  }
  return { p50: p50(times), p99: p99(times) };
}

/** Updates from 40 publishers at once: how many per second had their event on NATS. */
export async function burstOfUpdates(
  bench: Bench,
  outcomes: Outcomes,
  opened: readonly Opened[],
): Promise<number> {
  const startedAt = performance.now();
  const ends = opened.map((one) => outcomes.of(one.id));
  await burst(opened.length, (index) => {
    const one = opened[index];
    return one === undefined ? Promise.resolve() : publishSettled(bench, one);
  });
  const last = Math.max(...(await Promise.all(ends)));
  return (opened.length * 1000) / (last - startedAt);
}
