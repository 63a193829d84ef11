import { z } from 'zod';

/** Problem details (RFC 9457). `code` never changes: programs decide by it, people read `detail`. */
export const problemAnswer = z.object({
  type: z.string().meta({ examples: ['urn:quittance:problem:action.not_found'] }),
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().meta({ description: 'The id of the request in our logs.' }),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .meta({ description: 'What is wrong with single fields.' }),
});

export type Problem = z.output<typeof problemAnswer>;
