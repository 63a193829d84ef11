import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../domain/refusal.js';

/** Headers that decide who asks and what for: of two, each server on the way may take another. */
const SINGLE: ReadonlySet<string> = new Set([
  'authorization',
  'content-type',
  'idempotency-key',
  'quittance-capability',
  'quittance-client-secret',
]);

/** Throws Refusal `request.malformed` when one of them was sent twice. */
export function refuseDuplicateHeaders({ raw }: Pick<FastifyRequest, 'raw'>): void {
  const seen = new Set<string>();
  // Names and values in turn, as they were sent.
  for (let n = 0; n < raw.rawHeaders.length; n += 2) {
    const name = raw.rawHeaders[n]?.toLowerCase() ?? '';
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) throw new Refusal('request.malformed', `the header ${name} was sent twice`);
    seen.add(name);
  }
}
