import { describe, expect, it } from 'vitest';
import {
  lineOfText,
  linesOfText,
  shownLinesOfText,
} from '../../../../engine/actions/types/stored-text.js';

const title = lineOfText(5, 80);
const text = linesOfText(10);
const FAMILY = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}';

describe('a line', () => {
  it.each([
    ['as many characters as readers count', FAMILY.repeat(80)],
    ['accents of their own', 'e\u0301'.repeat(80)],
    ['five of an emoji', FAMILY.repeat(5)],
    ['joiners of a script', 'می‌خواهم'],
    ['Thai', 'สวัสดีชาวโลก'],
  ])('takes %s', (_, given) => {
    expect(title.safeParse(given).success).toBe(true);
  });

  it.each([
    ['81 characters', FAMILY.repeat(81)],
    ['four', `${FAMILY.repeat(4)}  `],
    ['nothing that is seen', '\u3164\u2800\u00AD\u200B\uFE0F'.repeat(5)],
    ['spaces', '\u2003\u00A0\u3000'.repeat(5)],
    ['few that are seen among many that are not', `abcd${'\u200B'.repeat(20)}`],
    ['an override of direction', 'pay \u202Eevil'],
    ['an isolate', 'pay \u2067evil'],
    ['a mark of direction', 'pay \u200Fevil'],
    ['two lines', 'first\u2028second'],
    ['a control', 'bell\u0007bell'],
    ['half of a pair', 'broken \uD83D'],
    ['one character of a thousand accents', `abcdefg${'\u0301'.repeat(2_000)}`],
  ])('refuses %s', (_, given) => {
    expect(title.safeParse(given).success).toBe(false);
  });

  it('does not look at all of what is far too long', () => {
    const startedAt = performance.now();
    expect(title.safeParse('e\u0301'.repeat(500_000)).success).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('lines', () => {
  it('are counted as readers count them', () => {
    expect(text.safeParse('e\u0301'.repeat(10)).success).toBe(true);
    expect(text.safeParse('e\u0301'.repeat(11)).success).toBe(false);
    expect(text.safeParse('a'.repeat(11)).success).toBe(false);
  });

  it('may be of any direction, but do not override that of others', () => {
    expect(text.safeParse('a\u2067b\u2069\n\tc').success).toBe(true);
    for (const bad of ['\u202E', '\u202D', '\u202A', '\u001B', '\u0085']) {
      expect(text.safeParse(`a${bad}b`).success).toBe(false);
    }
  });

  it('of a comment show something', () => {
    for (const blank of ['', ' \n ', '\u3164', '\u200B \u2800']) {
      expect(shownLinesOfText(10).safeParse(blank).success).toBe(false);
    }
    expect(shownLinesOfText(10).safeParse(' a ').success).toBe(true);
  });
});
