import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { bearerToken } from '../../shared/bearer.js';
import { SatelliteError } from './errors.js';
import type { GuardSettings } from './settings.js';

/**
 * Whether a request may use the routes of administrators and stations: its proxy has verified a client certificate, it has the token, or
 * the installation is open. `fromProxy`: it comes from a proxy whose headers are believed.
 */
export function isAdmitted(
  { open, token, certificateHeader }: GuardSettings,
  headers: FastifyRequest['headers'],
  fromProxy: boolean,
): boolean {
  if (open) return true;
  if (fromProxy && certificateHeader !== undefined && headers[certificateHeader] === 'SUCCESS') {
    return true;
  }
  const sent = bearerToken(headers.authorization);
  return token !== undefined && sent !== undefined && equals(sent, token);
}

/** Throws the 403 of the peer's front. */
export function refuseStrangers(
  guard: GuardSettings,
  request: FastifyRequest,
  isTrusted: (address: string) => boolean,
): void {
  if (!mayAdminister(guard, request, isTrusted)) throw SatelliteError.forbidden();
}

/** `isTrusted`: whether a peer is a proxy whose headers are believed. */
export function mayAdminister(
  guard: GuardSettings,
  request: FastifyRequest,
  isTrusted: (address: string) => boolean,
): boolean {
  return isAdmitted(guard, request.headers, isTrusted(request.raw.socket.remoteAddress ?? ''));
}

/** In constant time, whatever the lengths. */
function equals(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
