import { z } from 'zod';
import { REGION_NUMBERS } from '../../../domain/transmissions/regions.js';

/**
 * `transmissions.<channel>.started`: of the peer's public order object what a station needs, and which attempt it is. `regions`
 * are those to send to: of a repetition the missing ones only.
 */
export const startedSchema = z.object({
  uuid: z.uuid(),
  tx_seq_num: z.int32().min(1),
  /** 1, 2, ..: the same number is the same transmission, delivered again. */
  attempt: z.int32().min(1),
  message_size: z.int().min(1),
  message_digest: z.string().regex(/^[0-9a-f]{64}$/),
  regions: z.array(z.literal([...REGION_NUMBERS])).min(1),
});

export type StartedMessage = z.output<typeof startedSchema>;
