import { z } from 'zod';
import { REGION_NUMBERS } from '../../../domain/transmissions/regions.js';

/**
 * Body of `transmissions.<channel>.started`: the fields of the peer's public order object that a station needs, and the number of
 * the transmission. `regions` are those to send to: in a repetition only the missing ones.
 */
export const startedSchema = z.object({
  uuid: z.uuid(),
  tx_seq_num: z.int32().min(1),
  /** 1, 2, ..: the same number is the same transmission, redelivered. */
  attempt: z.int32().min(1),
  message_size: z.int().min(1),
  message_digest: z.string().regex(/^[0-9a-f]{64}$/),
  regions: z.array(z.literal([...REGION_NUMBERS])).min(1),
});

export type StartedMessage = z.output<typeof startedSchema>;
