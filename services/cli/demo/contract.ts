/** Who pays invoices of the demo. */
export interface Payer {
  /** Resolves when the payment is held or settled. */
  pay(bolt11: string): Promise<void>;
}

/** The addresses of the system that the demo uses, and where it reports its steps. */
export interface DemoContext {
  readonly apiUrl: string;
  /** The simulated node, where the demo opens the payer's wallet. */
  readonly lightningUrl: string;
  /** Where the node is no simulated one: pays in place of a wallet of its. */
  readonly payer?: Payer | undefined;
  /** An lndconnect URI of a payee's node, where there is one. */
  readonly payeeWallet?: string | undefined;
  /** What the node is, for people. */
  readonly nodeIs: string;
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
