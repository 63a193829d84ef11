import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from './config.js';

export type { Logger } from 'pino';

/** The values of these fields are not logged, at the top level and two levels below. */
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

/** JSON lines on stdout: time, level, service, message, and ids (actionId, orderId, ...) where they apply. */
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
    // We log errors as `err`, Temporal's SDK as `error`.
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    redact: { paths: redactedPaths, censor: '***' },
  };
  return pino(options, destination ?? stdout());
}

/** Synchronous: what is logged right before an exit must not be lost. */
function stdout(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}
