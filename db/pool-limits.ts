/** TCP asks an idle connection's other end whether it is there: else the kernel does so after two hours. */
export const KEEPALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

/** Limits of a pool and of its connections; durations in milliseconds, `Infinity` where there is none. */
export interface PoolLimits {
  /** How long a caller waits for a connection. Opening one takes no longer either. */
  readonly connectMs: number;
  /** How many callers may wait for a connection; further ones are refused at once. */
  readonly waiting: number;
  /** The server ends a statement after this. */
  readonly statementMs: number;
  /** Below `statementMs`, so that the error tells a lock wait from a slow statement. */
  readonly lockMs: number;
  /** How long a client that was paused or has vanished in a transaction holds its locks. */
  readonly idleInTransactionMs: number;
  /** Above `statementMs`: without an answer for this long, the query is given up and its connection closed. */
  readonly queryMs: number;
  /** From begin to commit. Kept by the server from PostgreSQL 17 on, and by the client. */
  readonly transactionMs: number;
}

/** For maintenance, the command line and tests: transactions may be long. */
export const PATIENT: PoolLimits = {
  connectMs: 10_000,
  waiting: Infinity,
  statementMs: 30_000,
  lockMs: 15_000,
  idleInTransactionMs: 60_000,
  queryMs: Infinity,
  transactionMs: Infinity,
};

/**
 * For requests and messages, which somebody waits for: a caller that finds the database at fault is told so within `connectMs` and
 * `queryMs` or `transactionMs`, 13 s at most.
 */
export const PROMPT: PoolLimits = {
  connectMs: 3_000,
  waiting: 1_000,
  statementMs: 5_000,
  lockMs: 3_000,
  idleInTransactionMs: 3_000,
  queryMs: 7_000,
  transactionMs: 10_000,
};
