import { randomUUID } from 'node:crypto';
import { createNode } from '../../../adapters/lightning/create-node.js';
import { createNotifier } from '../../../db/notifier.js';
import { inTransaction } from '../../../db/transaction.js';
import { toMsat } from '../../../domain/money.js';
import type { EngineContext } from '../../../engine/context.js';
import { enqueueEvent } from '../../../engine/outbox.js';
import { applyBatch } from '../../../services/relay/consumer/apply-batch.js';
import { payments } from '../../../services/relay/consumer/payments.js';
import { loadConfigPart } from '../../../services/shared/config.js';
import { createEngineContext, ENGINE_KEYS } from '../../../services/shared/engine-context.js';
import type { Opened } from '../actors.js';
import type { Bench } from '../bench.js';
import { oneByOne, p50 } from '../callers.js';
import { terminateWorkflows } from '../ours/idle-wait.js';
import { openQuietly, prepareRounds, type Round } from '../ours/open-and-pay.js';
import type { Outcomes } from '../ours/outcomes.js';
import type { Part, Values } from '../part.js';

/**
 * What an invoice update cannot do without, beside its way through JetStream: the transaction that applies it, and the delivery of
 * its event from the outbox to NATS. Each is measured alone.
 */
export const update: Part = {
  name: 'update',
  figures: [
    { id: 'floor.update.apply', title: 'floor: apply an invoice update, p50', unit: 'ms' },
    { id: 'floor.update.deliver', title: 'floor: deliver an event of the outbox, p50', unit: 'ms' },
  ],
  prepare: (bench) => prepareRounds(bench, { quiet: 50, burst: 0, updates: 0 }, updateRound),
};

async function updateRound(round: Round): Promise<Values> {
  const { bench, actors, outcomes, sizes } = round;
  const engine = engineOf(bench);
  await actors.prepare(sizes.quiet);
  const opened = await openQuietly(round, () => actors.openZap());
  const applied = await oneByOne(opened.length, (index) =>
    applyAlone(bench, engine, opened[index]),
  );
  await Promise.all(opened.map(({ id }) => outcomes.of(id)));
  const delivered = await deliveries(bench, outcomes);
  await terminateWorkflows(bench);
  return { 'floor.update.apply': p50(applied), 'floor.update.deliver': p50(delivered) };
}

function engineOf({ parts: { pool, variables } }: Bench): EngineContext {
  const config = loadConfigPart(ENGINE_KEYS, variables);
  return createEngineContext(config, {
    pool,
    node: createNode(config),
    // Relays would find the event while the next update is measured.
    outboxChanged: () => undefined,
  });
}

/** The relay's transaction for one message, without a message. */
async function applyAlone(
  { parts: { epoch } }: Bench,
  engine: EngineContext,
  opened: Opened | undefined,
): Promise<void> {
  if (opened === undefined) return;
  const body = {
    ...({
      hash: opened.hash,
      at: new Date(),
      node: 'bench',
      cursor: 0n,
      state: 'settled',
    } as const),
    receivedMsat: toMsat(BigInt(opened.amountMsat)),
  };
  const [outcome] = await applyBatch(engine, payments, [
    { messageId: `bench/${randomUUID()}`, epoch, body },
  ]);
  if (outcome !== 'applied') throw new Error(`an update was ${outcome ?? 'not applied'}`);
}

/** ms from the commit of an event to its arrival on NATS, one at a time. */
async function deliveries(
  { parts: { pool }, options: { sizes } }: Bench,
  outcomes: Outcomes,
): Promise<number[]> {
  const notify = createNotifier(pool, () => undefined);
  const times: number[] = [];
  for (let index = 0; index < sizes.quiet; index += 1) {
    const actionId = randomUUID();
    const names = { subject: 'actions.bench.paid', orderingKey: `bench/${actionId}` };
    await inTransaction(pool, (tx) => enqueueEvent(tx, { ...names, payload: { actionId } }));
    const committedAt = performance.now();
    notify();
    times.push((await outcomes.of(actionId)) - committedAt);
  }
  return times;
}
