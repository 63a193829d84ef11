/** One alert. `test/integration/deploy/alerts.test.ts` has series that let each fire, and a quiet hour. */
export interface Alert {
  readonly name: string;
  /** PromQL: fires where this has a result. */
  readonly expr: string;
  /** For how long it must hold, like 2m. */
  readonly for: string;
  /** page: money waits or may be lost. ticket: somebody looks within a day. */
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  /** What to do: a heading of docs/operations.md, as in its address. */
  readonly runbook: string;
}
