import { describe, expect, test } from 'vitest';
import { paymentOf } from '../../../../../adapters/lightning/lnd/convert.js';
import {
  checkInvoice,
  checkSend,
  cltvLimitOf,
} from '../../../../../adapters/lightning/lnd/limits.js';
import type { LndPayment } from '../../../../../adapters/lightning/lnd/messages.js';
import type {
  CreateInvoice,
  DecodedInvoice,
  SendPayment,
} from '../../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../../domain/money.js';

const HASH = 'ab'.repeat(32);

describe("lnd's limits, known before it is asked", () => {
  test('a send needs more blocks than the payee and 3 of padding, and never asks for more than 2016', () => {
    expect(cltvLimitOf(128, 100, 24)).toBe(28);
    expect(() => cltvLimitOf(127, 100, 24)).toThrow('27 blocks are left for a payment');
    expect(cltvLimitOf(9_999, 100, 24)).toBe(2016);
  });

  const decoded = { hash: HASH, amountMsat: toMsat(5n) } as DecodedInvoice;
  const send = { bolt11: '', expectedHash: HASH, maxFeeMsat: toMsat(0n), giveUpSeconds: 1 };
  const refused = (over: Partial<SendPayment>, of: DecodedInvoice = decoded): unknown => {
    try {
      checkSend({ ...send, ...over }, of);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  test('another invoice than the one that is meant is refused, and so is an amount that is named twice or never', () => {
    expect(refused({})).toBeUndefined();
    expect(refused({ expectedHash: 'cd'.repeat(32) })).toBe('hash_mismatch');
    expect(refused({ amountMsat: toMsat(5n) })).toBe('bad_request');
    const any = { hash: HASH } as DecodedInvoice;
    expect(refused({}, any)).toBe('bad_request');
    expect(refused({ amountMsat: toMsat(5n) }, any)).toBeUndefined();
  });

  const invoice: CreateInvoice = {
    ...{ kind: 'hold', hash: HASH, amountMsat: toMsat(1n), expirySeconds: 60, memo: '' },
  };
  test.each<[string, Partial<CreateInvoice>]>([
    ['of any amount', { amountMsat: toMsat(0n) }],
    ['of more than a year', { expirySeconds: 365 * 86_400 + 1 }],
    ['of 23 blocks', { minFinalCltv: 23 }],
    ['with 640 bytes', { memo: 'é'.repeat(320) }],
    ['without its preimage', { kind: 'ordinary' }],
  ])('an invoice %s is refused', (_, over) => {
    expect(() => checkInvoice({ ...invoice, ...over })).toThrow(
      expect.objectContaining({ code: 'bad_request' }) as Error,
    );
    expect(() => checkInvoice(invoice)).not.toThrow();
  });
});

test.each<[LndPayment['status'], string]>([
  ['SUCCEEDED', 'succeeded'],
  ['FAILED', 'failed'],
  ['INITIATED', 'in_flight'],
  ['IN_FLIGHT', 'in_flight'],
  ['UNKNOWN', 'in_flight'],
])('a payment that is %s is so, whatever reason of failure it has', (status, state) => {
  const payment = { failure_reason: 'FAILURE_REASON_TIMEOUT', htlcs: [], status };
  const numbers = { payment_index: 1n, creation_time_ns: 0n, value_msat: 5n, fee_msat: 1n };
  const told = { ...payment, ...numbers, payment_hash: HASH, payment_preimage: HASH };
  expect(paymentOf(told as unknown as LndPayment).state).toBe(state);
});
