import { describe, expect, it } from 'vitest';
import { percentile, ratios, spreadOf } from '../../bench/report/statistics.js';

describe('percentile', () => {
  it('is a sample, or lies between two', () => {
    expect(percentile([3, 1, 2], 50)).toBe(2);
    expect(percentile([1, 2, 3, 4], 50)).toBe(2.5);
    expect(percentile([1, 2], 0)).toBe(1);
    expect(percentile([1, 2], 100)).toBe(2);
    expect(percentile([7], 99)).toBe(7);
  });

  it('needs samples', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

it('a spread has the median and both ends', () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
});

it('ratios are taken per round, where both were measured', () => {
  expect(ratios([10, undefined, 30, 8], [5, 5, undefined, 2])).toEqual([2, 4]);
  expect(ratios([1], [0])).toEqual([]);
});
