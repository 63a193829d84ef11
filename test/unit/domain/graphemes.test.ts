import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphemesOf, isAtMost } from '../../../domain/graphemes.js';

const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}';
const PARTS = [
  'a',
  ' ',
  'e\u0301',
  'किंतु',
  FAMILY,
  '\u{1F1E9}\u{1F1EA}',
  '\r\n',
  '\u1112\u1161\u11ab',
];

describe('graphemes', () => {
  it('are those of the segmenter, however long the text', () => {
    const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PARTS), { maxLength: 400 }), (parts) => {
        const text = parts.join('');
        expect([...graphemesOf(text)]).toEqual(
          [...segmenter.segment(text)].map(({ segment }) => segment),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are counted in a time that grows with the length', () => {
    const startedAt = performance.now();
    expect(isAtMost('e\u0301'.repeat(100_000), 100_000)).toBe(true);
    expect(isAtMost('e\u0301'.repeat(100_001), 100_000)).toBe(false);
    // The segmenter alone takes minutes.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('of a stack of accents longer than what is looked at at once lose nothing', () => {
    const stack = `a${'\u0301'.repeat(1_000)}b`;
    expect([...graphemesOf(stack)].join('')).toBe(stack);
  });
});
