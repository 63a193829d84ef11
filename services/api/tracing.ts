import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginSpan, endSpan, isTracing } from '../shared/tracing/span.js';
import { contextOf, TRACEPARENT_HEADER } from '../shared/tracing/traceparent.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the request, where it is traced. */
    span: Span | null;
  }
}

/**
 * A span for each request, the root of its trace unless the caller's own is followed. Of the request it tells the route, and nothing that the
 * caller wrote.
 */
export function traceRequests(app: FastifyInstance, callers: 'followed' | 'ignored'): void {
  if (!isTracing()) return;
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions } = request;
    if (routeOptions.url !== undefined && routeOptions.config.quiet !== true) {
      const attributes = { 'http.request.method': method, 'http.route': routeOptions.url };
      const options = { kind: SpanKind.SERVER, attributes };
      request.span = beginSpan(
        `${method} ${routeOptions.url}`,
        options,
        parentOf(request, callers),
      );
    }
    done();
  });
  // The body has been read by now, whose events would have lost the context.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.span === null) done();
    else context.with(trace.setSpan(context.active(), request.span), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply;
    request.span?.setAttribute('http.response.status_code', statusCode);
    if (request.span !== null)
      endSpan(request.span, statusCode >= 500 ? String(statusCode) : undefined);
    done();
  });
}

function parentOf({ headers }: FastifyRequest, callers: 'followed' | 'ignored'): Context {
  const sent = headers[TRACEPARENT_HEADER];
  const followed = callers === 'followed' && typeof sent === 'string' ? contextOf(sent) : undefined;
  return followed ?? ROOT_CONTEXT;
}
