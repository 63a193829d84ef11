import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { postBump } from './bump-order.js';
import { postCallback } from './callback.js';
import { confirmRx, confirmTx } from './confirmations.js';
import { sendOwnMessage, sendMessage } from './message.js';
import { nodeInfo } from './info.js';
import { showQueue } from './list-orders.js';
import { deleteOrder, type OrderDeps, showOrder } from './own-order.js';
import { postOrder } from './post-order.js';
import { sendQueuePage } from './queue-page.js';
import { pythonJson } from './python-json.js';
import type { EventStreams } from './subscribe.js';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** One address of the Satellite API, by method. */
export interface Route {
  readonly url: string;
  readonly handlers: Readonly<Partial<Record<HTTPMethods, Handler>>>;
  /** Only for administrators and stations. */
  readonly guarded: boolean;
}

/** All routes. Those with a twin are there again under /admin. */
export function routesOf(deps: OrderDeps, streams: EventStreams | undefined): readonly Route[] {
  const single: Route[] = [
    open('/order/:uuid/bump', { POST: json((request) => postBump(deps, request)) }),
    open('/order/:uuid/sent_message', { GET: (...call) => sendOwnMessage(deps, ...call) }),
    guarded('/order/tx/:seq', { POST: json((request) => confirmTx(deps, request)) }),
    guarded('/order/rx/:seq', { POST: json((request) => confirmRx(deps, request)) }),
    open('/callback/:lid/:token', { POST: json((request) => postCallback(deps, request)) }),
    open('/info', {
      GET: async (_request, reply) => sendJsonText(reply, await nodeInfo(deps.engine)),
    }),
    open('/queue.html', { GET: (_request, reply) => sendQueuePage(reply) }),
  ];
  return [...single, ...twins(deps, streams, false), ...twins(deps, streams, true)];
}

function twins(deps: OrderDeps, streams: EventStreams | undefined, admin: boolean): Route[] {
  const prefix = admin ? '/admin' : '';
  const at = (url: string, handlers: Route['handlers']): Route => ({
    ...{ url: `${prefix}${url}`, handlers, guarded: admin },
  });
  return [
    at('/order', {
      POST: json(({ form, ip }) => postOrder(deps, form, { admin, address: ip })),
    }),
    at('/order/:uuid', {
      GET: json((request) => showOrder(deps, request, admin)),
      DELETE: json((request) => deleteOrder(deps, request, admin)),
    }),
    at('/orders/:state', { GET: json((request) => showQueue(deps, request, admin)) }),
    at('/message/:seq', { GET: (...call) => sendMessage(deps, ...call, admin) }),
    ...(streams === undefined
      ? []
      : [at('/subscribe/:channels', { GET: (...call) => streams.subscribe(...call, admin) })]),
  ];
}

function open(url: string, handlers: Route['handlers']): Route {
  return { url, handlers, guarded: false };
}

function guarded(url: string, handlers: Route['handlers']): Route {
  return { url, handlers, guarded: true };
}

function json(answer: (request: FastifyRequest) => Promise<unknown>): Handler {
  return async (request, reply) => sendJson(reply, await answer(request));
}

export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return sendJsonText(reply, `${pythonJson(body)}\n`);
}

/** As bytes: to text the framework would add a charset, which the peer does not name. */
function sendJsonText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(text));
}
