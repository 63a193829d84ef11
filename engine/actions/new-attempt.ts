import type { PlannedMoney } from './attempt-money.js';

/** What decides how an attempt is inserted. */
export interface NewAttempt {
  readonly attempt: number;
  /** The account's name, for the readers of workflow lists; null for the anonymous. */
  readonly actorName: string | null;
  readonly money: PlannedMoney;
  readonly invoiceExpirySeconds: number;
  readonly origin: Buffer | undefined;
}
