import { z } from 'zod';
import { id, time } from './values.js';

/** A file. */
export const uploadAnswer = z
  .object({
    id,
    url: z.string().meta({
      description: 'To be shown in a text: others see it once that is paid.',
      examples: ['/v1/uploads/5b0c…/bytes'],
    }),
    contentType: z.string().meta({ examples: ['image/png'] }),
    size: z.int().meta({ description: 'In bytes.' }),
    sha256: z.string().meta({ description: 'Hex.' }),
    createdAt: time,
    paidAt: time.nullable(),
  })
  .meta({ id: 'Upload' });
