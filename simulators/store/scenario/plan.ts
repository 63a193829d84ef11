import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** The life of a store, drawn from a seed. Times are store time. */
export const scenarioSchema = z.object({
  seed: z.int().default(1),
  days: z.number().min(0).default(30),
  ordersPerDay: z.number().positive().max(100_000).default(50),
  /** Of all visits: carts that are left as drafts, never ordered. */
  abandoned: probability.default(0.08),
  /** Orders that begin as a draft and keep its id, minutes or hours later. */
  viaDraft: probability.default(0.2),
  /** Orders that wait for a bank transfer. */
  onHold: probability.default(0.1),
  /** Orders that fail or are never paid. */
  unpaid: probability.default(0.04),
  /** Paid orders that are refunded within days, in part or whole. */
  refunded: probability.default(0.03),
  trashed: probability.default(0.01),
  /** Posts, images and products that take an id between two orders. */
  otherIds: probability.default(0.15),
  /** How long people take to complete a paid order, in working time. */
  handling: z
    .object({ medianHours: z.number().positive(), sigma: z.number().min(0) })
    .default({ medianHours: 6, sigma: 0.9 }),
  hours: z
    .object({ days: z.array(z.int().min(0).max(6)).min(1), open: z.int(), close: z.int() })
    .refine(({ open, close }) => 0 <= open && open < close && close <= 24, 'no opening hours')
    .default({ days: [1, 2, 3, 4, 5], open: 9, close: 17 }),
  /** Imports of products: so many ids at once, so many days after the start. */
  imports: z.array(z.object({ afterDays: z.number().min(0), ids: z.int().min(1) })).default([]),
});

export type ScenarioPlan = z.output<typeof scenarioSchema>;
