const BEGIN = 'begin isolation level read committed';
/** Version 00 of https://www.w3.org/TR/trace-context/. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

let traceparent: () => string | undefined = () => undefined;

/** Where transactions find the trace that they belong to. Called once, by a process that traces. */
export function setTraceSource(source: () => string | undefined): void {
  traceparent = source;
}

/** Begins a transaction. Within a trace, rows that it writes to tables with a column `traceparent` name that trace by default. */
export function beginStatement(): string {
  const current = traceparent();
  if (current === undefined || !TRACEPARENT.test(current)) return BEGIN;
  return `${BEGIN}; set local quittance.traceparent = '${current}'`;
}
