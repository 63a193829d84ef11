import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Refusal } from '../../domain/refusal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What it was refused with. */
    refusal: Refusal | null;
  }
}

/** Requests by route and status with their latencies, refusals by code, open connections: of all servers of a process together. */
export class RequestMetrics {
  readonly #seconds;
  readonly #refusals;
  readonly #servers: FastifyInstance['server'][] = [];

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seconds = new Histogram({
      name: 'quittance_http_request_seconds',
      help: 'How long requests took from their head to their answer, by route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#refusals = new Counter({
      name: 'quittance_http_refusals_total',
      help: 'Requests that were answered with a problem, by its code.',
      labelNames: ['code'],
      registers,
    });
    const openConnections = (): Promise<number> => this.#connections();
    new Gauge({
      name: 'quittance_http_connections',
      help: 'Open connections to the API.',
      registers,
      async collect() {
        this.set(await openConnections());
      },
    });
  }

  measure(app: FastifyInstance): void {
    this.#servers.push(app.server);
    app.addHook('onResponse', (request, reply, done) => {
      // Not the address, which anybody may make up.
      const route = request.routeOptions.url ?? '(none)';
      const { method, refusal } = request;
      this.#seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
      if (refusal !== null) this.#refusals.inc({ code: refusal.code });
      done();
    });
  }

  async #connections(): Promise<number> {
    const counts = this.#servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.getConnections((error, count) => resolve(error === null ? count : NaN));
        }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }
}
