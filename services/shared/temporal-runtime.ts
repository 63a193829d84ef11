import {
  makeTelemetryFilterString,
  Runtime,
  type LogLevel,
  type LogMetadata,
  type Logger as SdkLogger,
} from '@temporalio/worker';
import { subjectOfWorkflow } from '../../domain/names/workflows.js';
import type { Logger } from './logger.js';

/**
 * Makes Temporal's native core, its SDK, workflows and activities log through our logger, with
 * namespace, workflowId, runId and the action's or order's id. Once per process, before any worker
 * or native connection. Signals are left to runService, which drains the workers itself.
 */
export function installTemporalRuntime(logger: Logger): void {
  Runtime.install({
    logger: sdkLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
  });
}

/** What the SDK logs, through ours. */
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
