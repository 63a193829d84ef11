import { z } from 'zod';
import { refusalSchema } from './problem.js';

/** The simulated node's switches for tests. */

export const OPERATIONS = [
  'create_invoice',
  'lookup_invoice',
  'settle_invoice',
  'cancel_invoice',
  'pay',
  'lookup_payment',
  'decode',
  'subscribe',
] as const;

export type Operation = (typeof OPERATIONS)[number];

const millis = z.int().min(0).max(3_600_000);

const effectSchema = z.discriminatedUnion('effect', [
  /** Waits before it does anything. */
  z.object({ effect: z.literal('slow'), ms: millis }),
  z.object({ effect: z.literal('refuse'), code: refusalSchema }),
  /** Answers that it is not available, and does nothing. */
  z.object({ effect: z.literal('unavailable') }),
  /** Cuts the connection without doing anything. */
  z.object({ effect: z.literal('cut') }),
  /** Does it, then cuts the connection. */
  z.object({ effect: z.literal('lose_answer') }),
  /** Answers at once that it is not available, or cuts the connection, and does it later. */
  z.object({
    effect: z.literal('late'),
    ms: millis,
    answer: z.enum(['unavailable', 'cut']),
  }),
]);

const chance = z.number().min(0).max(1);

export const faultRuleSchema = z.intersection(
  z.object({
    operation: z.union([z.enum(OPERATIONS), z.literal('any')]),
    /** How likely; 1 where absent. */
    probability: chance.exactOptional(),
    /** How often at most; without end where absent. */
    times: z.int().min(1).exactOptional(),
  }),
  effectSchema,
);

export type FaultRule = z.output<typeof faultRuleSchema>;

/** Faults of the stream of events; what a look-up says stays true. */
export const eventFaultsSchema = z.object({
  /** Left out of the stream. */
  drop: chance.exactOptional(),
  /** Sent twice with the same cursor. */
  double: chance.exactOptional(),
  /** Sent after the one that follows it. */
  reorder: chance.exactOptional(),
  /** Seen by the node twice: the same fact again under a new cursor. */
  repeat: chance.exactOptional(),
});

export type EventFaults = z.output<typeof eventFaultsSchema>;

export const faultsSchema = z.object({
  /** Of the chances: the same seed and the same calls give the same faults. */
  seed: z.int().min(0).default(1),
  /** All that fit apply, in this order, up to the first that answers. */
  rules: z.array(faultRuleSchema).max(100).default([]),
  events: eventFaultsSchema.default({}),
});

export type Faults = z.output<typeof faultsSchema>;
