import type { FastifyRequest } from 'fastify';
import { isStaff } from '../../../domain/accounts/roles.js';
import type { ApiDeps } from '../deps.js';
import type { Assets } from './assets.js';
import type { PageStreams } from './events/streams.js';
import type { PageSettings } from './settings.js';
import { to, type View } from './view.js';

/** What the routes of the pages work with. */
export interface PagesContext {
  readonly deps: ApiDeps;
  readonly settings: PageSettings;
  readonly assets: Assets;
  readonly streams: PageStreams;
}

export function viewFor({ settings, assets }: PagesContext, request: FastifyRequest): View {
  // Before the first hook, and where that has failed, nobody is known.
  const caller = (request.caller as FastifyRequest['caller'] | null) ?? { kind: 'anonymous' };
  const { base } = settings;
  const known = caller.kind === 'account';
  return {
    base,
    path: request.url.slice(base.length) || '/',
    viewer: known ? { id: caller.id, name: caller.name, role: caller.role } : null,
    staff: known && isStaff(caller.role) && caller.role !== 'metrics',
    asset: (name) => to({ base }, `/assets/${assets.hashed(name)}`),
  };
}

/** An address of ours to go to after something was done, from outside: anything else becomes the front page. */
export function safePath(path: string): string {
  return /^\/(?![/\\])[^\s\\]{0,500}$/.test(path) ? path : '/';
}
