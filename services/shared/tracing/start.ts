import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { TracingConfig } from './exporting.js';

/** Traces, if a collector is configured; gives what ends that. What it takes is loaded only then. */
export async function startTracing(
  config: TracingConfig & Pick<Config, 'otlpEndpoint'>,
  service: string,
  logger: Logger,
): Promise<() => Promise<void>> {
  const { otlpEndpoint } = config;
  if (otlpEndpoint === undefined) return () => Promise.resolve();
  const { sendSpansTo } = await import('./exporting.js');
  return sendSpansTo(otlpEndpoint, config, { service, logger });
}
