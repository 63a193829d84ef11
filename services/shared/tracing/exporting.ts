import { context, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { setTraceSource } from '../../../db/trace-setting.js';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { activeTraceparent, switchTracingOn } from './span.js';

const EXPORT_MS = 5_000;
const EVERY_MS = 1_000;
/** What does not fit is dropped: a collector that is slow or away costs nobody a request. */
const MOST_WAITING = 4_096;

export type TracingConfig = Pick<Config, 'otlpHeaders' | 'traceShare'>;

/** Sends spans to the collector; returns what ends that. Call it once per process. */
export function sendSpansTo(
  endpoint: string,
  { otlpHeaders: headers = {}, traceShare }: TracingConfig,
  { service, logger }: { readonly service: string; readonly logger: Logger },
): () => Promise<void> {
  logTroubles(logger);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: EXPORT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': `quittance-${service}`,
      'service.instance.id': String(process.pid),
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(traceShare) }),
    spanProcessors: [
      new BatchSpanProcessor({
        ...{ exporter, maxQueueSize: MOST_WAITING, scheduledDelayMillis: EVERY_MS },
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  setTraceSource(activeTraceparent);
  switchTracingOn();
  return () => provider.shutdown().catch(() => undefined);
}

/** A collector that is away is said once; it may be away for hours. */
function logTroubles(logger: Logger): void {
  let said = false;
  const trouble = (text: string): void => {
    logger[said ? 'debug' : 'warn']({ trouble: text.slice(0, 500) }, 'spans could not be sent');
    said = true;
  };
  const nothing = (): void => undefined;
  diag.setLogger(
    { error: trouble, warn: trouble, info: nothing, debug: nothing, verbose: nothing },
    DiagLogLevel.WARN,
  );
}
