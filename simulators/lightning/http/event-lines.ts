import { z } from 'zod';
import type { NodeEvent } from '../../../adapters/lightning/port.js';
import { nodeEventSchema } from '../../../adapters/lightning/simulator-client/protocol.js';
import { Wakeup } from '../../../services/shared/wakeup.js';
import { EventScrambler } from '../faults/event-scrambler.js';
import type { FaultSwitches } from '../faults/fault-switches.js';
import type { SimulatedNode } from '../simulated-node.js';

export interface Subscription {
  readonly after: bigint;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

const BATCH = 200;
/** Changes that another process writes wake nobody here. */
const POLL_MS = 500;

/** Lines of one subscriber: the events after its cursor, then those to come. */
export async function* eventLines(
  node: SimulatedNode,
  faults: FaultSwitches,
  { after, heartbeatMs, signal }: Subscription,
): AsyncGenerator<string, void, undefined> {
  const scrambler = new EventScrambler(faults);
  const wakeup = new Wakeup();
  const stopListening = node.state.onChange(() => wakeup.wake());
  let cursor = after;
  let beatAt = 0;
  try {
    while (!signal.aborted) {
      const events = await node.eventsAfter(cursor, BATCH);
      cursor = events.at(-1)?.cursor ?? cursor;
      for (const event of events) yield* scrambler.pass(event).map(lineOf);
      if (events.length === BATCH) continue;
      // Held back is what waits to be overtaken: not for longer than a round.
      if (events.length === 0) yield* scrambler.flush().map(lineOf);
      if (Date.now() >= beatAt) {
        // The first empty line tells the client at once that it is connected.
        yield '\n';
        beatAt = Date.now() + heartbeatMs;
      }
      await wakeup.wait(POLL_MS, signal);
    }
  } finally {
    stopListening();
  }
}

function lineOf(event: NodeEvent): string {
  return `${JSON.stringify(z.encode(nodeEventSchema, event))}\n`;
}
