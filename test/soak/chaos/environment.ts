/** Long enough to be paid in peace, short enough to be missed in a crash. */
export const EXPIRY_SECONDS = 12;

/** Deadlines that are passed while the run lasts. */
export const CHAOS_ENVIRONMENT: Readonly<Record<string, string>> = {
  QUITTANCE_INVOICE_EXPIRY_SECONDS: String(EXPIRY_SECONDS),
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '15',
  QUITTANCE_HOLD_SETTLE_SECONDS: '8',
  QUITTANCE_CREATION_SECONDS: '10',
  QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: '20',
  QUITTANCE_UNPAID_LIMIT: '1000000',
  // Full soon, with workflows that an emptied Temporal has forgotten: what grows after that is a leak.
  QUITTANCE_WORKER_CACHED_WORKFLOWS: '12',
};
