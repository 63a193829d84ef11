import type { JetStreamClient, JsMsg } from 'nats';
import { z } from 'zod';
import { paymentOfSubject, type StreamName } from '../../../domain/names/subjects.js';
import { messagesSince } from '../stream-messages.js';

/** What NATS was told about one thing, the last of it. */
export interface Told {
  readonly kind: 'attempt' | 'order' | 'invoice' | 'payment';
  /** `<action>/<attempt>`, an order's uuid, a payment hash. */
  readonly id: string;
  readonly state: string;
  /** When NATS stored it. */
  readonly at: Date;
  readonly type?: string;
  /** The account's id; null for an anonymous. */
  readonly actor?: string | null;
  readonly amountMsat?: string;
}

const attempt = z.object({
  actionId: z.guid(),
  attempt: z.int(),
  state: z.string(),
  type: z.string(),
  actor: z.string().nullish(),
  costMsat: z.string(),
});
const order = z.object({ uuid: z.guid(), bid: z.number() });
const received = z.object({ receivedMsat: z.string() });

type Reader = (message: JsMsg) => Omit<Told, 'at'> | undefined;

/** What of NATS is told of the machines and of money; other events do not count. */
const READERS = {
  ACTIONS: (message) => {
    const { data } = attempt.safeParse(bodyOf(message));
    if (data === undefined) return undefined;
    const { actionId, type, state, actor = null, costMsat: amountMsat } = data;
    return { kind: 'attempt', id: `${actionId}/${data.attempt}`, state, type, actor, amountMsat };
  },
  TRANSMISSIONS: (message) => {
    const { data } = order.safeParse(bodyOf(message));
    if (data === undefined) return undefined;
    const state = message.subject.endsWith('.ended') ? 'ended' : 'started';
    return { kind: 'order', id: data.uuid, state, amountMsat: String(data.bid) };
  },
  PAYMENTS: (message) => {
    const named = paymentOfSubject(message.subject);
    const state = message.subject.split('.').at(-1) ?? '';
    if (named === undefined || !['settled', 'succeeded'].includes(state)) return undefined;
    if (named.kind === 'outgoing') return { kind: 'payment', id: named.hash, state };
    const { data } = received.safeParse(bodyOf(message));
    const amount = data === undefined ? {} : { amountMsat: data.receivedMsat };
    return { kind: 'invoice', id: named.hash, state, ...amount };
  },
} as const satisfies Partial<Record<StreamName, Reader>>;
const STREAMS = Object.keys(READERS) as (keyof typeof READERS)[];

/** The last that NATS was told of each thing since then. */
export async function readTold(js: JetStreamClient, since: Date): Promise<Told[]> {
  const told = new Map<string, Told>();
  for (const stream of STREAMS) {
    const read: Reader = READERS[stream];
    for await (const message of messagesSince(js, { stream, since })) {
      const at = new Date(message.info.timestampNanos / 1e6);
      const thing = at < since ? undefined : read(message);
      if (thing !== undefined) told.set(`${thing.kind} ${thing.id}`, { ...thing, at });
    }
  }
  return [...told.values()];
}

function bodyOf(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    // Whoever published it, it is nothing of ours.
    return undefined;
  }
}
