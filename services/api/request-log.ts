import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Logs one line per answer, without query and headers, which may hold secrets. Sets X-Request-Id on answers. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const about = {
      method,
      route: routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    if (routeOptions.config.quiet === true) request.log.debug(about, 'answered');
    else request.log.info(about, 'answered');
    done();
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Polled every few seconds, so logged at level debug. */
    quiet?: boolean;
  }
}

/**
 * For error handlers. Whether the client went away before its request was complete: nobody reads the answer, the cause is not ours,
 * and a line at level debug says so, the only one.
 */
export function loggedAsAborted({ raw, log }: FastifyRequest): boolean {
  const aborted = raw.readableAborted && !raw.complete;
  if (aborted) log.debug('the client went away');
  return aborted;
}

/** Adds ids to all further log lines of this request. */
export function logAbout(
  request: FastifyRequest,
  ids: { readonly actionId?: string; readonly orderId?: string },
): void {
  request.log = request.log.child(ids);
}
