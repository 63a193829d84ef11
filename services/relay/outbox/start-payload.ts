import { z } from 'zod';
import { SEARCH_ATTRIBUTES } from '../../../domain/names/search-attributes.js';

/** What engine/outbox.ts writes for a start; the database may hold rows of another release. */
export const startPayload = z.object({
  workflowType: z.string(),
  workflowId: z.string(),
  taskQueue: z.string(),
  input: z.record(z.string(), z.union([z.string(), z.number()])),
  attributes: z.partialRecord(z.enum(SEARCH_ATTRIBUTES), z.string()),
  summary: z.string(),
  recover: z.boolean().default(false),
});

export type StartPayload = z.output<typeof startPayload>;
