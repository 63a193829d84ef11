import { expect, it } from 'vitest';
import { fateOf, type FailedPayment } from '../../../../domain/actions/automatic-retry.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const FAILED: FailedPayment = {
  ...{ automatic: true, wanted: true, reason: 'INVOICE_EXPIRED', tries: 0, dismissed: false },
  ...{ emptied: false, failedAt: new Date(NOW.getTime() - 60_000) },
};

it.each<[string, Partial<FailedPayment>, string]>([
  ['it has just failed', {}, 'retried'],
  ['its type is not tried again', { automatic: false }, 'notice'],
  ['the account has no such wallet', { wanted: false }, 'notice'],
  ['its author has cancelled it', { reason: 'USER_CANCELLED' }, 'notice'],
  ['four tries', { tries: 4 }, 'retried'],
  ['five tries', { tries: 5 }, 'notice'],
  ['not yet an hour ago', { failedAt: new Date(NOW.getTime() - 3_599_999) }, 'retried'],
  ['an hour ago', { failedAt: new Date(NOW.getTime() - 3_600_000) }, 'notice'],
  ['its texts are gone', { emptied: true }, 'notice'],
  ['it was dismissed', { dismissed: true }, 'dismissed'],
])('%s: %s', (_what, change, fate) => {
  expect(fateOf({ ...FAILED, ...change }, NOW)).toBe(fate);
});
