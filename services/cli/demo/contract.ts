/** The addresses of the system that the demo uses, and where it reports its steps. */
export interface DemoContext {
  readonly apiUrl: string;
  /** The simulated node, where the demo opens the payer's wallet. */
  readonly lightningUrl: string;
  /** The simulated store. */
  readonly storeUrl: string;
  readonly natsUrl: string;
  /** The ground stations' process, with its switches for tests. */
  readonly stationUrl: string;
  /** An operator's API token. */
  readonly operatorToken: string;
  /** Shows one line at once. */
  readonly report: (line: string) => void;
  /** Aborted by Ctrl-C and other signals. */
  readonly signal: AbortSignal;
}

export interface DemoResult {
  readonly passed: number;
  readonly failed: number;
}

export type Demo = (context: DemoContext) => Promise<DemoResult>;
