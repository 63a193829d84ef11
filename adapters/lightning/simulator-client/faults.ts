import { z } from 'zod';
import { alarmSchema, refusalSchema } from './problem.js';

/** The simulated node's fault switches, for tests. */

export const OPERATIONS = [
  'create_invoice',
  'lookup_invoice',
  'settle_invoice',
  'cancel_invoice',
  'send_payment',
  'lookup_payment',
  'estimate_route',
  'decode',
  'subscribe',
] as const;

export type Operation = (typeof OPERATIONS)[number];

const millis = z.int().min(0).max(3_600_000);

const effectSchema = z.discriminatedUnion('effect', [
  /** Waits before the operation. */
  z.object({ effect: z.literal('slow'), ms: millis }),
  z.object({ effect: z.literal('refuse'), code: refusalSchema }),
  /** Answers that the node is unavailable, and does nothing. */
  z.object({ effect: z.literal('unavailable'), alarm: alarmSchema.exactOptional() }),
  /** Cuts the connection without doing anything. */
  z.object({ effect: z.literal('cut') }),
  /** Runs the operation, then cuts the connection. */
  z.object({ effect: z.literal('lose_answer') }),
  /** Answers at once that the node is unavailable, or cuts the connection, and runs the operation later. */
  z.object({
    effect: z.literal('late'),
    ms: millis,
    answer: z.enum(['unavailable', 'cut']),
  }),
  /** Like `late`; runs the operation when the control API releases it. */
  z.object({ effect: z.literal('park'), answer: z.enum(['unavailable', 'cut']) }),
  /** Runs the operation, and then a second time: what a retrying proxy does. */
  z.object({ effect: z.literal('double') }),
]);

const probability = z.number().min(0).max(1);

export const faultRuleSchema = z.intersection(
  z.object({
    operation: z.union([z.enum(OPERATIONS), z.literal('any')]),
    /** Default: 1. */
    probability: probability.exactOptional(),
    /** The maximum number of times. Default: no maximum. */
    times: z.int().min(1).exactOptional(),
  }),
  effectSchema,
);

export type FaultRule = z.output<typeof faultRuleSchema>;

/** Faults of the event stream, as probabilities. Look-ups are not affected. */
export const eventFaultsSchema = z.object({
  /** Left out of the stream. */
  drop: probability.exactOptional(),
  /** Sent twice with the same cursor. */
  double: probability.exactOptional(),
  /** Sent after the one that follows it. */
  reorder: probability.exactOptional(),
  /** Appended twice by the node: the same event again under a new cursor. */
  repeat: probability.exactOptional(),
});

export type EventFaults = z.output<typeof eventFaultsSchema>;

export const faultsSchema = z.object({
  /** The same seed and the same calls give the same faults. */
  seed: z.int().min(0).default(1),
  /** All matching rules apply, in this order, up to the first that answers. */
  rules: z.array(faultRuleSchema).max(100).default([]),
  events: eventFaultsSchema.default({}),
});

export type Faults = z.output<typeof faultsSchema>;
