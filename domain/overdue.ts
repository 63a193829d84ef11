/**
 * An outside call that a row needs is made by a relay, at once. One that has waited for so long is made by the row's workflow, and the
 * row is overdue. In seconds.
 */
export const CALL_OVERDUE_SECONDS = 10;
