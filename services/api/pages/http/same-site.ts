import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../../../domain/refusal.js';

/**
 * A browser sends cookies along with whatever a page of ours, or of somebody else, asks for. What changes something must come from a page
 * of ours: the browser says so itself (Sec-Fetch-Site), an older one by Origin. Throws Refusal `auth.cross_site`.
 */
export function refuseCrossSite({
  method,
  headers,
  host,
}: Pick<FastifyRequest, 'method' | 'headers' | 'host'>): void {
  if (method === 'GET' || method === 'HEAD') return;
  const site = headers['sec-fetch-site'];
  const ours = site === undefined ? isOrigin(headers.origin, host) : site === 'same-origin';
  if (!ours) throw new Refusal('auth.cross_site', 'this form was not sent by a page of this site');
}

function isOrigin(origin: string | undefined, host: string): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host;
}
