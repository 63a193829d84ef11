import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { phpJson } from '../php-json.js';
import { type RestAnswer, restError } from '../rest-error.js';
import type { RunningStore } from '../running-store.js';
import { restApi } from './rest-api.js';
import type { RestRequest } from './rest-request.js';

const PRETTY = '/wp-json/wc/v3';
const PLAIN = '/wc/v3';

/** The site as its visitors see it: the REST API in the forms that its permalinks allow, pages for the rest. */
export function restRoutes(server: FastifyInstance, running: RunningStore): void {
  server.all('/*', async (request, reply) => {
    const { store, authentication } = running.current;
    const faults = store.faults.forRestCall();
    if (faults.slowMs > 0) await pause(faults.slowMs);
    const { answer, retryAfterSeconds } = faults;
    switch (answer) {
      case 'cut':
        reply.hijack();
        reply.raw.destroy();
        return reply;
      case 'firewall':
        return page(reply, 403);
      case 'error':
        return page(reply, 500);
      case 'busy':
      case 'too_many':
        if (retryAfterSeconds !== undefined) reply.header('Retry-After', retryAfterSeconds);
        return page(reply, answer === 'busy' ? 503 : 429);
      case 'off':
      case 'none':
    }
    const call = restRequest(request, store.settings.permalinks === 'pretty');
    if (call === undefined) return page(reply, 404);
    if (answer === 'off') return send(reply, restError('no_route', 404));
    return send(reply, await restApi(store, authentication, call));
  });
}

/** Undefined for an address that is not the API's: the site's theme answers. */
function restRequest(request: FastifyRequest, pretty: boolean): RestRequest | undefined {
  const url = new URL(request.url, `http://${request.headers.host ?? 'localhost'}`);
  const query = url.searchParams;
  const route = query.get('rest_route');
  const given = pretty && route === null ? url.pathname : route;
  const prefix = route === null ? PRETTY : PLAIN;
  if (given?.startsWith(`${prefix}/`) !== true) return undefined;
  return {
    method: request.method,
    address: `${url.origin}${url.pathname}`,
    path: given.slice(prefix.length),
    query,
    headers: request.headers,
    body: request.body,
  };
}

function send(reply: FastifyReply, { status, body, headers = {} }: RestAnswer): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=UTF-8')
    .send(phpJson(body));
}

function page(reply: FastifyReply, status: number): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=UTF-8')
    .send(`<!DOCTYPE html><html><body><h1>${status}</h1></body></html>`);
}
