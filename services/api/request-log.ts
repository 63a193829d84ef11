import type { FastifyInstance, FastifyRequest } from 'fastify';

/** One line per answer, without query and headers: they may hold secrets. Answers name their request. */
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
    /** Asked every few seconds by machines: logged at debug. */
    quiet?: boolean;
  }
}

/** From here on this request's lines carry the ids of what it is about. */
export function logAbout(
  request: FastifyRequest,
  ids: { readonly actionId?: string; readonly orderId?: string },
): void {
  request.log = request.log.child(ids);
}
