import { z } from 'zod';
import { isStorable } from '../../../domain/storable.js';

/** Text that PostgreSQL can store and give back unchanged: no NUL, no half of a surrogate pair. */
export const storedText = z.string().refine(isStorable, 'must be valid Unicode without NUL');

/** Controls, separators of lines and paragraphs, and what turns the direction of the text around it. */
const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** What no font draws, such as a soft hyphen, a Hangul filler or an empty Braille cell. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

function shownLength(text: string): number {
  return text.replaceAll(INVISIBLE, '').trim().length;
}

/**
 * One line that shows what it is: stored text without control characters, line separators and bidirectional controls, of which at
 * least `min` characters can be seen, spaces between them included. Joiners of emoji and of scripts are allowed.
 */
export function lineOfText(min: number, max: number): z.ZodType<string, string> {
  return storedText
    .trim()
    .max(max)
    .refine((text) => !NOT_IN_A_LINE.test(text), 'must be one line without control characters')
    .refine((text) => shownLength(text) >= min, `must have at least ${min} visible characters`)
    .meta({
      description: `One line of text: no control characters, line separators or bidirectional controls; at least ${min} visible characters, at most ${max}.`,
    });
}
