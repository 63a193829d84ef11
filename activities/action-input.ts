import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { RefusalCode } from '../domain/refusal.js';

/** What a service sends that starts the workflow itself: its first step opens the action as the API would. */
const actionRequest = z.strictObject({
  type: z.string(),
  args: z.unknown(),
  payment: z.enum(['auto', 'credits', 'invoice']).exactOptional(),
  invoiceExpirySeconds: z.int().min(1).max(600).exactOptional(),
  /** An account's name; null or left out for the anonymous. */
  actor: z.string().nullish(),
});

const actionInput = z.strictObject({
  actionId: z.guid().toLowerCase(),
  attempt: z.int().min(1).max(2_147_483_647),
  open: actionRequest.exactOptional(),
});

export type ActionInput = z.output<typeof actionInput>;

/** Anybody may start the workflow with anything. Throws a failure that is not retried. */
export function parseActionInput(input: unknown): ActionInput {
  const parsed = actionInput.safeParse(input);
  if (parsed.success) return parsed.data;
  const code: RefusalCode = 'request.invalid';
  throw ApplicationFailure.nonRetryable(z.prettifyError(parsed.error), code);
}
