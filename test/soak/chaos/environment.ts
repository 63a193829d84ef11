/** Long enough to be paid without faults, short enough to pass during a crash. */
export const EXPIRY_SECONDS = 12;

/** Short deadlines, so that they pass during a run. */
export const CHAOS_ENVIRONMENT: Readonly<Record<string, string>> = {
  QUITTANCE_INVOICE_EXPIRY_SECONDS: String(EXPIRY_SECONDS),
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '15',
  QUITTANCE_CREATION_SECONDS: '10',
  QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: '20',
  QUITTANCE_UNPAID_LIMIT: '0',
  QUITTANCE_UNPAID_ORIGIN_LIMIT: '0',
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: '0',
  QUITTANCE_WALLET_PENDING_LIMIT: '0',
  // A small cache is full soon, also with workflows that an emptied Temporal lost. Growth after that is a leak.
  QUITTANCE_WORKER_CACHED_WORKFLOWS: '12',
};
