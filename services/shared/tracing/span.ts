import {
  type Attributes,
  type Context,
  context,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { contextOf, traceparentOf } from './traceparent.js';

export interface SpanOptions {
  /** Names, ids and states only: whoever reads traces is no operator. */
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
  /** From a row or a message. Left out: the span that is active here. */
  readonly parent?: string | null | undefined;
}

let on = false;

/** Whether this process traces. */
export function isTracing(): boolean {
  return on;
}

/** Called once, when the provider stands. */
export function switchTracingOn(): void {
  on = true;
}

/** The traceparent of the span that is active here, where it is recorded. */
export function activeTraceparent(): string | undefined {
  if (!on) return undefined;
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? traceparentOf(span.spanContext()) : undefined;
}

export function beginSpan(name: string, { kind, attributes }: SpanOptions, within: Context): Span {
  const options = { ...(kind !== undefined && { kind }), ...(attributes && { attributes }) };
  return trace.getTracer('quittance').startSpan(name, options, within);
}

/** `errorType`: where it failed. */
export function endSpan(span: Span, errorType?: string): void {
  if (errorType !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', errorType);
  }
  span.end();
}

/** Only the kind of an error: its text may name what is private. */
export function errorTypeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Runs the work in a span of the trace that it belongs to; without one, just runs it. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (!on) return work();
  const within =
    'parent' in options
      ? contextOf(options.parent)
      : trace.getActiveSpan()?.isRecording() === true
        ? context.active()
        : undefined;
  if (within === undefined) return work();
  const span = beginSpan(name, options, within);
  try {
    const result = await context.with(trace.setSpan(within, span), work);
    endSpan(span);
    return result;
  } catch (error) {
    endSpan(span, errorTypeOf(error));
    throw error;
  }
}
