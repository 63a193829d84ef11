import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { isRefusedInput } from '../db/errors.js';
import { Refusal, type RefusalCode } from '../domain/refusal.js';
import { shownText, storageFaultOf } from '../domain/storable.js';

/** Deeper than any argument of ours, shallow enough for every parser on the way. */
const MAX_DEPTH = 32;
/** Characters of an input as JSON; as much as a request to the API may have. */
const MAX_INPUT = 1024 * 1024;

/**
 * Parses what a workflow was started with, which any service may choose. Throws a failure that is not retried, and whose text the SDK
 * can encode: another try would meet the same input.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const fault = storageFaultOf(input, MAX_DEPTH);
  if (fault !== undefined) throw failureOf('request.invalid', fault);
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw failureOf('request.invalid', z.prettifyError(parsed.error));
  if (JSON.stringify(input).length > MAX_INPUT) {
    throw failureOf('request.too_large', `the input is larger than ${MAX_INPUT} characters`);
  }
  return parsed.data;
}

/** A workflow under another id than that of its subject would be a second one beside the proper one, which nobody would notice. */
export function checkWorkflowId(wanted: string, workflowId: string | undefined): void {
  if (workflowId === undefined || workflowId === wanted) return;
  throw failureOf('request.invalid', `the id of this workflow must be ${wanted}`);
}

export function failureOf(code: RefusalCode, detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(shownText(detail), code);
}

/** What the service that started the workflow can act on, and what no retry changes, is not retried. */
export function withoutVainRetries(error: unknown): unknown {
  if (error instanceof Refusal) return failureOf(error.code, error.detail);
  if (isRefusedInput(error)) return failureOf('request.invalid', `PostgreSQL: ${error.message}`);
  return error;
}
