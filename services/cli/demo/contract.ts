/** Where the demo finds what it drives, and how it tells what happens. */
export interface DemoContext {
  readonly apiUrl: string;
  /** The simulated node: it opens payers' wallets there. */
  readonly lightningUrl: string;
  readonly natsUrl: string;
  /** The ground stations' process: health and metrics, and its switches. */
  readonly stationUrl: string;
  /** An operator's API token. */
  readonly operatorToken: string;
  /** Shows a line as it happens. */
  readonly report: (line: string) => void;
  /** Aborted when the person stops it. */
  readonly signal: AbortSignal;
}

export interface DemoResult {
  readonly passed: number;
  readonly failed: number;
}

export type Demo = (context: DemoContext) => Promise<DemoResult>;
