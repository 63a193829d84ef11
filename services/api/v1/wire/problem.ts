import { problem } from '@quittance/sdk/answers';
import { z } from 'zod';
import { REFUSALS, type RefusalCode } from '../../../../domain/refusal.js';

/** The problem as documented here: with every code that this version may answer. */
export const problemSchema = problem
  .extend({ code: z.string().meta({ enum: Object.keys(REFUSALS) }) })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema> & { readonly code: RefusalCode };

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
