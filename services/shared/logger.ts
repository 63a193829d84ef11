import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config.js';

export type { Logger } from 'pino';

/** Wherever an object with one of these is logged, at the top or one level down, the value is not. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'preimage',
  'capability',
  'databaseUrl',
  'natsUrl',
  'connectionString',
] as const;

const redactedPaths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** JSON lines on stdout: time, level, service, message and the ids of what it is about. */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  service: string,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: config.logLevel,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // `err` is ours, `error` is what Temporal's SDK calls it.
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    redact: { paths: redactedPaths, censor: '***' },
  };
  return pino(options, destination ?? stdout());
}

/** Written before the call returns: what is logged right before an exit must not be lost. */
function stdout(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}
