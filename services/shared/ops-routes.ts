import type { Registry } from 'prom-client';
import type { Health } from './health.js';

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** By path. The API serves them on its own port, other processes through the ops server. */
export type OpsRoutes = Readonly<Record<string, () => Promise<OpsAnswer>>>;

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * - /healthz: 200 as long as the process answers at all.
 * - /readyz: 200 when it is running and every check passes, else 503; the checks as JSON.
 * - /metrics: Prometheus' text format.
 */
export function opsRoutes(health: Health, metrics: Registry): OpsRoutes {
  return {
    '/healthz': () =>
      Promise.resolve({ status: 200, contentType: JSON_TYPE, body: '{"alive":true}\n' }),
    '/readyz': async () => {
      const readiness = await health.readiness();
      const body = `${JSON.stringify(readiness)}\n`;
      return { status: readiness.ready ? 200 : 503, contentType: JSON_TYPE, body };
    },
    '/metrics': async () => ({
      status: 200,
      contentType: metrics.contentType,
      body: await metrics.metrics(),
    }),
  };
}
