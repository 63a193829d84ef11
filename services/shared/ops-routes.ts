import type { Health } from './health.js';
import type { MetricsPage } from './metrics-page.js';

export interface OpsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** By path. The ground station serves them on its own port, others by the ops server. */
export type OpsRoutes = Readonly<Record<string, () => Promise<OpsAnswer>>>;

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * - /healthz: 200 while the process answers.
 * - /readyz: 200 when the process runs and every check passes, else 503; the checks as JSON.
 * - /metrics: Prometheus' text format.
 */
export function opsRoutes(health: Health, metrics: MetricsPage): OpsRoutes {
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
      body: await metrics.text(),
    }),
  };
}
