import { describe, expect, it } from 'vitest';
import { businessClock } from '../../../domain/intake/business-clock.js';
import { officeHours } from '../../../domain/intake/opening-hours.js';
import {
  inventedStuck,
  type InForce,
  missingStuck,
  silentGaps,
  type Stay,
} from '../../soak/store/stays.js';

const clock = businessClock(officeHours('UTC'));
const at = (text: string): Date => new Date(`2026-03-${text}:00Z`);
/** Monday to Wednesday of the next week: 58 business hours. */
const stay: Stay = { orderId: 1n, status: 'processing', from: at('02T09:00'), to: at('11T11:00') };
const inForce: InForce[] = [
  { status: 'processing', since: new Date(0), hours: 40, clock },
  { status: 'processing', since: at('05T00:00'), hours: 20, clock },
  { status: 'on-hold', since: new Date(0), hours: 1, clock },
];
const slack = { inexactHours: 1, lateHours: 8 };
const told = (time: string, over: object = {}) => ({
  ...{ orderId: 1n, status: 'processing', at: at(time) },
  ...over,
});
const invented = (one: ReturnType<typeof told>, of = [stay]) =>
  inventedStuck(of, [one], inForce, slack);
const missing = (of: readonly Stay[], said: ReturnType<typeof told>[] = []) =>
  missingStuck(of, said, inForce, at('20T00:00'), slack);

describe('that an order is stuck', () => {
  it('is true once a threshold that was in force has passed', () => {
    expect(invented(told('09T09:00'))).toEqual([]);
    // The shorter one came later: 24 hours had passed by then.
    expect(invented(told('05T09:00'))).toEqual([]);
    expect(invented(told('04T15:00'))).toHaveLength(1);
  });

  it('is false of another order, another status, or when it has left the status', () => {
    expect(invented(told('09T09:00', { orderId: 2n }))).toHaveLength(1);
    expect(invented(told('09T09:00', { status: 'on-hold' }))).toHaveLength(1);
    expect(invented(told('11T11:30'))).toEqual([]);
    expect(invented(told('11T13:00'))).toHaveLength(1);
  });

  it('is missing where a stay was longer than all thresholds and nobody was told', () => {
    expect(missing([stay])).toEqual([stay]);
    expect(missing([stay], [told('09T09:00')])).toEqual([]);
    expect(missing([stay], [told('09T09:00', { status: 'on-hold' })])).toEqual([stay]);
    // 42 hours: told within eight more.
    expect(missing([{ ...stay, to: at('09T11:00') }])).toEqual([]);
    // Still there.
    expect(missing([{ ...stay, to: undefined }])).toHaveLength(1);
    expect(missing([{ ...stay, status: 'completed', to: undefined }])).toEqual([]);
  });
});

it('a gap is silent where the store changed something in it', () => {
  const arrivals = [at('02T09:00'), at('02T10:00'), at('03T22:00')];
  const now = at('03T23:00');
  expect(silentGaps(arrivals, [at('02T12:00')], now, 24)).toEqual([
    { from: at('02T10:00'), to: at('03T22:00') },
  ]);
  expect(silentGaps(arrivals, [at('02T09:30')], now, 24)).toEqual([]);
  expect(silentGaps(arrivals, [at('02T12:00')], now, 48)).toEqual([]);
});
