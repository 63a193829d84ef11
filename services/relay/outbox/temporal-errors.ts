import { isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';

/** gRPC status codes; the client passes them on as numbers. */
const CANCELLED = 1;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const SERVER_CODES: readonly number[] = [
  CANCELLED,
  DEADLINE_EXCEEDED,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAVAILABLE,
  UNAUTHENTICATED,
];

/** Whether Temporal is down, overloaded or not set up, so that any other call would fail too. */
export function isTemporalUnavailable(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  const cause = grpcErrorOf(error);
  if (cause === undefined) return false;
  // A server that lost its data does not know our search attributes until they are registered again.
  if (cause.code === INVALID_ARGUMENT) return /search attribute/i.test(cause.message);
  return SERVER_CODES.includes(cause.code);
}

/** Whether Temporal does not permit a call, or does not implement it. */
export function isForbiddenOrAbsent(error: unknown): boolean {
  const UNIMPLEMENTED = 12;
  const code = grpcErrorOf(error)?.code;
  return code === PERMISSION_DENIED || code === UNIMPLEMENTED;
}

export function describeTemporalError(error: unknown): string {
  const cause = grpcErrorOf(error);
  return cause === undefined ? String(error) : cause.message;
}

function grpcErrorOf(error: unknown): { code: number; message: string } | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && error.cause !== undefined ? grpcErrorOf(error.cause) : undefined;
}
