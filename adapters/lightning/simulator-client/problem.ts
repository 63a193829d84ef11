import { z } from 'zod';
import type { LightningRefusal } from '../port.js';

const REFUSALS = [
  'duplicate_hash',
  'not_held',
  'already_canceled',
  'already_settled',
  'unknown_hash',
  'unknown_preimage',
  'invoice_expired',
  'invoice_unpayable',
  'insufficient_balance',
  'bad_request',
] as const satisfies readonly LightningRefusal[];

export const refusalSchema = z.enum(REFUSALS);

/** RFC 9457. A refusal has status 4xx and one of the port's codes. */
export const problemSchema = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
});

export type Problem = z.output<typeof problemSchema>;
