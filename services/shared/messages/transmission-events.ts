import { z } from 'zod';
import { transmissionSubject } from '../../../domain/names/subjects.js';
import { orderMachine, type OrderState } from '../../../domain/transmissions/machine.js';
import { statesOf } from '../../../domain/machine.js';
import { type Channel, CHANNELS } from '../../../domain/transmissions/channels.js';

const text = z.string().nullable();

/** Body of `transmissions.<channel>.<started|ended>`: the peer's public order object, in its order of fields. */
const publicOrderSchema = z.object({
  uuid: z.uuid(),
  bid: z.number(),
  unpaid_bid: z.number(),
  bid_per_byte: z.number(),
  message_size: z.int(),
  message_digest: z.string(),
  status: z.enum(statesOf(orderMachine) as [OrderState, ...OrderState[]]),
  created_at: z.string(),
  cancelled_at: text,
  started_transmission_at: text,
  ended_transmission_at: text,
  tx_seq_num: z.int().nullable(),
  regions: z.array(z.int()),
});

export interface TransmissionEvent {
  readonly channel: Channel;
  readonly what: 'started' | 'ended';
  /** The 13 public fields. */
  readonly order: z.output<typeof publicOrderSchema>;
}

/** Throws when the subject names no channel of ours, or the body is no order. */
export function readTransmissionEvent(subject: string, body: unknown): TransmissionEvent {
  for (const channel of CHANNELS) {
    for (const what of ['started', 'ended'] as const) {
      if (transmissionSubject(channel.number, what) !== subject) continue;
      return { channel, what, order: publicOrderSchema.parse(body) };
    }
  }
  throw new Error(`${subject} is no event of a transmission`);
}
