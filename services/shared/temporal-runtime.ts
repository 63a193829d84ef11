import {
  makeTelemetryFilterString,
  Runtime,
  type LogLevel,
  type LogMetadata,
  type Logger as SdkLogger,
} from '@temporalio/worker';
import { subjectOfWorkflow } from '../../domain/names/workflows.js';
import { newPort } from './free-port.js';
import type { Logger } from './logger.js';

const EXPORTER_HOST = '127.0.0.1';
/** Another program may take a port between its choice and its use. */
const PORT_TRIES = 5;
const READ_TIMEOUT_MS = 2_000;

/**
 * Makes Temporal's native core, its SDK, workflows and activities log through our logger, with
 * namespace, workflowId, runId and the action's or order's id. Once per process, before any worker
 * or native connection. Signals are left to runService, which drains the workers itself.
 *
 * The core exports its metrics (`temporal_*`, durations in seconds) only over HTTP, so it listens on
 * a free port of the loopback address. Returns what reads them from there.
 */
export async function installTemporalRuntime(logger: Logger): Promise<() => Promise<string>> {
  for (let tries = 1; ; tries += 1) {
    const address = `${EXPORTER_HOST}:${await newPort(EXPORTER_HOST)}`;
    try {
      installOnce(logger, address);
      return () => readMetrics(`http://${address}/metrics`);
    } catch (err) {
      if (tries === PORT_TRIES) throw err;
      logger.warn(
        { err, address },
        "Temporal's metrics exporter did not start: trying another port",
      );
    }
  }
}

function installOnce(logger: Logger, bindAddress: string): void {
  Runtime.install({
    logger: sdkLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      metrics: {
        prometheus: {
          bindAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      },
    },
  });
}

async function readMetrics(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.text();
}

/** The SDK's logger, writing to ours. */
export function sdkLogger(logger: Logger): SdkLogger {
  const log = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    const workflowId: unknown = meta['workflowId'];
    const ids = typeof workflowId === 'string' ? subjectOfWorkflow(workflowId) : {};
    logger[PINO_LEVELS[level]]({ ...meta, ...ids }, message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

const PINO_LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;
