import { collectDefaultMetrics, Registry } from 'prom-client';
import { armFailpoints } from '../../engine/failpoint.js';
import { ConfigError, describeConfig, loadConfig, type Config, type Needs } from './config.js';
import { loadExtensions } from './extensions.js';
import { StopSteps, type StopStep } from './drain.js';
import { Health, type HealthCheck } from './health.js';
import { createLogger, type Logger } from './logger.js';
import { type ExporterText, MetricsPage } from './metrics-page.js';
import { opsRoutes, type OpsRoutes } from './ops-routes.js';
import { stopOnSignals } from './signals.js';
import { startOpsServer } from './ops-server.js';
import type { MayScrape } from './scraper.js';
import { notifySupervisor } from './supervisor.js';
import { startTracing } from './tracing/start.js';

/** What the setup of a process gets. */
export interface Service {
  readonly name: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Served by a process itself where it has one HTTP server for all (`opsServer: false`). */
  readonly opsRoutes: OpsRoutes;
  /** Adds a step for the shutdown; steps run in reverse order. */
  onStop(what: string, stop: StopStep): void;
  /** Prometheus text from another exporter in this process, appended to /metrics. */
  addExporter(name: string, read: ExporterText): void;
  /** Shown by /readyz. `check` rejects while something that the process needs is not available. */
  addCheck(name: string, check: HealthCheck): void;
  /** Who may read /metrics from another machine; nobody until this was called. */
  letScrape(mayScrape: MayScrape): void;
  /** Reports the address of the process' HTTP server in the log and to `quittance up`. */
  announce(url: string): void;
}

export interface ServiceOptions extends Needs {
  /** False when the process serves health and metrics on its own HTTP server. Default: true. */
  readonly opsServer?: boolean;
}

/**
 * Runs a process: configuration, log, health, metrics, shutdown. `setup` starts its work and returns; the
 * process then runs until SIGTERM or SIGINT.
 */
export function runService(
  name: string,
  setup: (service: Service) => Promise<void>,
  options: ServiceOptions = {},
): void {
  const config = configOrExit(options);
  const logger = createLogger(config, name);
  const health = new Health();
  const metrics = new Registry();
  const page = new MetricsPage(metrics, logger);
  collectDefaultMetrics({ register: metrics });
  const steps = new StopSteps();
  let mayScrape: MayScrape = () => Promise.resolve(false);
  const service: Service = {
    name,
    config,
    logger,
    metrics,
    opsRoutes: opsRoutes(health, page),
    onStop: (what, stop) => steps.add(what, stop),
    addExporter: (exporter, read) => page.addExporter(exporter, read),
    addCheck: (check, run) => health.addCheck(check, run),
    letScrape: (check) => (mayScrape = check),
    announce: (url) => {
      logger.info({ url }, 'listening');
      notifySupervisor({ kind: 'listening', url });
    },
  };
  armFailpoints(config.failpoints ?? []);
  stopOnSignals({ logger, health, steps, graceSeconds: config.shutdownSeconds });
  logger.info({ config: describeConfig(config), node: process.version }, 'starting');
  start(service, setup, options, (token) => mayScrape(token))
    .then(() => {
      if (health.phase !== 'starting') return;
      health.phase = 'running';
      logger.info('ready');
    })
    .catch((err: unknown) => {
      // While draining, setup fails because what it waits for has been stopped.
      if (health.phase !== 'starting') return;
      logger.fatal({ err }, 'could not start');
      process.exit(1);
    });
}

async function start(
  service: Service,
  setup: (service: Service) => Promise<void>,
  { opsServer = true }: ServiceOptions,
  mayScrape: MayScrape,
): Promise<void> {
  const { name, config, logger } = service;
  // Stopped last: what ends in the other steps is sent, too.
  service.onStop('tracing', await startTracing(config, name, logger));
  if (opsServer) {
    // Started first and stopped last: /readyz answers while the process starts and drains.
    const { opsHost: host, opsPort: port } = config;
    const ops = await startOpsServer(service.opsRoutes, { host, port }, mayScrape);
    service.onStop('ops server', () => ops.close());
    service.announce(ops.url);
  }
  // Before anything is read or served: what is stored may be of their types.
  await loadExtensions(config.extensions);
  await setup(service);
}

function configOrExit(needs: Needs): Config {
  try {
    return loadConfig(process.env, needs);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
