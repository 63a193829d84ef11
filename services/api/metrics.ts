import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Refusal } from '../../domain/refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What it was refused with. */
    refusal: Refusal | null;
  }
}

interface HttpMetrics {
  readonly seconds: Histogram<'method' | 'route' | 'status'>;
  readonly refusals: Counter<'code'>;
  readonly servers: Set<Server>;
}

/** The servers of a process share them: the API, and the Satellite API at an address of its own. */
const metricsOf = new WeakMap<Registry, HttpMetrics>();

/** Requests by route and status with their latencies, refusals by code, open connections. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const metrics = metricsOf.get(registry) ?? register(registry);
  metricsOf.set(registry, metrics);
  const { seconds, refusals, servers } = metrics;
  servers.add(app.server);
  app.addHook('onClose', (_app, done) => {
    servers.delete(app.server);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // Not the address, which anybody may make up.
    const route = request.routeOptions.url ?? '(none)';
    const { method, refusal } = request;
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    if (refusal !== null) refusals.inc({ code: refusal.code });
    done();
  });
}

function register(registry: Registry): HttpMetrics {
  const registers = [registry];
  const servers = new Set<Server>();
  new Gauge({
    name: 'quittance_http_connections',
    help: 'Open connections to the API.',
    registers,
    async collect() {
      const counts = await Promise.all([...servers].map(connectionsOf));
      this.set(counts.reduce((sum, count) => sum + count, 0));
    },
  });
  return {
    seconds: new Histogram({
      name: 'quittance_http_request_seconds',
      help: 'How long requests took from their head to their answer, by route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    refusals: new Counter({
      name: 'quittance_http_refusals_total',
      help: 'Requests that were answered with a problem, by its code.',
      labelNames: ['code'],
      registers,
    }),
    servers,
  };
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : NaN));
  });
}
