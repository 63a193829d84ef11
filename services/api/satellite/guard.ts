import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/bearer.js';
import { SatelliteError } from './errors.js';
import type { GuardSettings } from './settings.js';

/** By what somebody may use the routes of administrators and stations. */
export type Admission = 'certificate' | 'token' | 'open';

/**
 * By what a request may use the routes of administrators and stations: its proxy has verified a client certificate, it has the token, or
 * the installation is open. Undefined: it may not. `fromProxy`: it comes from a proxy whose headers are believed.
 */
export function admissionOf(
  { open, token, certificateHeader }: GuardSettings,
  headers: FastifyRequest['headers'],
  fromProxy: boolean,
): Admission | undefined {
  if (fromProxy && certificateHeader !== undefined && headers[certificateHeader] === 'SUCCESS') {
    return 'certificate';
  }
  const sent = bearerToken(headers.authorization);
  if (token !== undefined && sent !== undefined && equals(sent, token)) return 'token';
  return open ? 'open' : undefined;
}

/** By what the request is admitted. Throws the 403 of the peer's front. */
export function refuseStrangers(
  guard: GuardSettings,
  request: FastifyRequest,
  isTrusted: (address: string) => boolean,
): Admission {
  const admission = admissionFor(guard, request, isTrusted);
  if (admission === undefined) throw SatelliteError.forbidden();
  return admission;
}

/** The same, undefined for strangers. `isTrusted`: whether a peer is a proxy whose headers are believed. */
export function admissionFor(
  guard: GuardSettings,
  request: FastifyRequest,
  isTrusted: (address: string) => boolean,
): Admission | undefined {
  return admissionOf(guard, request.headers, isTrusted(request.raw.socket.remoteAddress ?? ''));
}

/** In constant time, whatever the lengths. */
function equals(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
