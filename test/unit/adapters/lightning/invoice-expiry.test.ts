import { expect, it } from 'vitest';
import { invoiceExpiry } from '../../../../adapters/lightning/invoice-expiry.js';

it.each<[number | bigint, number | bigint, string]>([
  [0, 3_600, '1970-01-01T01:00:00.000Z'],
  [1_767_225_600n, 60n, '2026-01-01T00:01:00.000Z'],
  [0, 253_402_300_799, '9999-12-31T23:59:59.000Z'],
  [0, 253_402_300_800, '9999-12-31T23:59:59.000Z'],
  [1n, 2n ** 63n - 2n, '9999-12-31T23:59:59.000Z'],
])('an invoice of %s that is valid for %s seconds expires at %s', (timestamp, seconds, at) => {
  expect(invoiceExpiry(timestamp, seconds).toISOString()).toBe(at);
});
