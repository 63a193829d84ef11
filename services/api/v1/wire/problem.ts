import { z } from 'zod';
import { REFUSALS, type RefusalCode } from '../../../../domain/refusal.js';

/** RFC 9457. `code` is stable: programs go by it, people read `detail`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ examples: ['urn:quittance:problem:action.not_found'] }),
    code: z.string().meta({ enum: Object.keys(REFUSALS) }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The id of the request, as in our logs.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .meta({ description: 'What is wrong with single fields.' }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema> & { readonly code: RefusalCode };

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
