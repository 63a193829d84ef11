import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../domain/refusal.js';
import { isSatellite } from './peers.js';
import { sendProblem } from '../shared/problem.js';
import { SatelliteError } from './satellite/errors.js';
import { sendSatelliteError } from './satellite/plugin.js';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Answers 405 with Allow where the address has other methods, else 404. Must be called before the routes are added. */
export function answerUnknownAddresses(
  app: FastifyInstance,
  page?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply,
): void {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method, config }) => {
    // The peers' routes have answers of their own.
    if (config?.access === undefined) return;
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    paths.set(url, known);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    if (isSatellite(path)) return sendSatelliteError(reply, SatelliteError.notFound());
    const known = [...paths.values()].find(({ pattern }) => pattern.test(path));
    if (known === undefined && page !== undefined && asksForPage(request, path)) {
      return page(request, reply);
    }
    if (known === undefined) {
      return sendProblem(
        new Refusal('request.not_found', `there is no address ${path}`),
        request,
        reply,
      );
    }
    const allowed = [...known.methods].sort().join(', ');
    void reply.header('allow', allowed);
    const refusal = new Refusal('request.method_not_allowed', `allowed methods: ${allowed}`);
    return sendProblem(refusal, request, reply);
  });
}

/** What a browser opens, and no program. */
function asksForPage({ headers: { accept } }: FastifyRequest, path: string): boolean {
  return accept?.includes('text/html') === true && !/^\/(v1|api)\//.test(path);
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
