import { z } from 'zod';
import { graphemesOf, isAtMost } from '../../../domain/graphemes.js';
import { isStorable } from '../../../domain/storable.js';

/** Text that PostgreSQL can store and give back unchanged: no NUL, no half of a surrogate pair. */
export const storedText = z.string().refine(isStorable, 'must be valid Unicode without NUL');

/** Controls, separators of lines and paragraphs, and what turns the direction of the text around it. */
const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** Controls but tab, line feed and carriage return; and overrides and embeddings of direction. Marks and isolates end with their line. */
const NOT_IN_LINES = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E]/u;
/** What no font draws, such as a soft hyphen, a Hangul filler or an empty Braille cell. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** A character may be of several code units, an emoji of a family of eleven; stacks of accents are not endless. */
const UNITS_OF_A_LINE = 16;
const UNITS_OF_LINES = 2;

function isShown(grapheme: string): boolean {
  return grapheme.replaceAll(INVISIBLE, '') !== '';
}

/** Characters that are seen, with the spaces between them. */
function shownLength(text: string): number {
  const shown = [...graphemesOf(text)].filter(isShown);
  const isSpace = (grapheme: string): boolean => grapheme.trim() === '';
  const first = shown.findIndex((grapheme) => !isSpace(grapheme));
  return first < 0 ? 0 : shown.findLastIndex((grapheme) => !isSpace(grapheme)) - first + 1;
}

/**
 * One line that shows what it is: stored text without control characters, line separators and bidirectional controls, of which at
 * least `min` characters can be seen, spaces between them included, and at most `max` in all. Joiners of emoji and of scripts are
 * allowed. Characters are those that a reader counts (grapheme clusters).
 */
export function lineOfText(min: number, max: number): z.ZodType<string, string> {
  return storedText
    .trim()
    .max(max * UNITS_OF_A_LINE, { abort: true })
    .refine((text) => !NOT_IN_A_LINE.test(text), 'must be one line without control characters')
    .refine((text) => isAtMost(text, max), `must have at most ${max} characters`)
    .refine((text) => shownLength(text) >= min, `must have at least ${min} visible characters`)
    .meta({
      description: `One line of text: no control characters, line separators or bidirectional controls; at least ${min} visible characters, at most ${max}. Characters are grapheme clusters.`,
    });
}

/** Lines of text of at most `max` characters as a reader counts them, without controls and overrides of direction. */
export function linesOfText(max: number): z.ZodType<string, string> {
  return storedText
    .max(max * UNITS_OF_LINES, { abort: true })
    .refine(
      (text) => !NOT_IN_LINES.test(text),
      'must not have control characters or overrides of direction',
    )
    .refine((text) => isAtMost(text, max), `must have at most ${max} characters`)
    .meta({
      description: `Text of at most ${max} characters (grapheme clusters), without control characters and overrides of direction.`,
    });
}

/** The same, of which something can be seen. */
export function shownLinesOfText(max: number): z.ZodType<string, string> {
  return linesOfText(max).refine(
    (text) => text.replaceAll(INVISIBLE, '').trim() !== '',
    'must not be empty',
  );
}
