import { problemAnswer, type Problem as ProblemAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { REFUSALS, type RefusalCode } from '../../../../domain/refusal.js';

/** With the codes that there are today: a client must expect others. */
export const problemSchema = problemAnswer
  .extend({ code: z.string().meta({ enum: Object.keys(REFUSALS) }) })
  .meta({ id: 'Problem' });

export type Problem = ProblemAnswer & { readonly code: RefusalCode };

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
