import { z } from 'zod';
import { LIGHTNING_REFUSALS, NODE_ALARMS } from '../port.js';

export const refusalSchema = z.enum(LIGHTNING_REFUSALS);

/** Why the node is not available, in the place of a refusal's code. */
export const alarmSchema = z.enum(NODE_ALARMS);

/** RFC 9457. A refusal has status 4xx and one of the port's codes. */
export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
});

export type Problem = z.output<typeof problemSchema>;
