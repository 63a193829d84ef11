import type { FastifyReply } from 'fastify';

/** 200 and `Idempotency-Replayed: true` when the key was known, else the status of the first time. */
export function answerStatus<S extends number>(
  reply: FastifyReply,
  replayed: boolean,
  first: S,
): S | 200 {
  if (!replayed) return first;
  void reply.header('idempotency-replayed', 'true');
  return 200;
}
