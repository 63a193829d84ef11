import { z } from 'zod';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The most entries of a page: 1 to 200. */
const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a number from 1 to 200')
  .transform(Number)
  .pipe(z.number().min(1).max(MAX_LIMIT, 'must be a number from 1 to 200'))
  .prefault(String(DEFAULT_LIMIT))
  .meta({ description: 'Entries per page, 1 to 200.', default: String(DEFAULT_LIMIT) });

/** A position in a list, from the answer with the page before. Each list has cursors of its own. */
function cursor<P extends z.ZodType>(position: P): z.ZodOptional<z.ZodType<z.output<P>, string>> {
  return z
    .string()
    .max(300)
    .transform((text, context) => {
      const parsed = position.safeParse(decode(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
      return z.NEVER;
    })
    .optional()
    .meta({ description: '`nextCursor` of the page before.' });
}

/** The query fields of a list whose cursors hold such a position. */
export function pageQuery<P extends z.ZodType>(
  position: P,
): { cursor: z.ZodOptional<z.ZodType<z.output<P>, string>>; limit: typeof limit } {
  return { cursor: cursor(position), limit };
}

/** A position holds texts, and numbers as decimal digits. */
export function encodeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A bigint in a position. */
export const digits = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

export interface Page<T> {
  readonly entries: readonly T[];
  readonly nextCursor: string | null;
}

/** Makes a page from rows that were read with a limit of one more than the page's. */
export function pageOf<R, T>(
  rows: readonly R[],
  limitOfPage: number,
  positionOf: (row: R) => readonly string[],
  present: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limitOfPage);
  const last = shown.at(-1);
  return {
    entries: shown.map(present),
    nextCursor:
      rows.length > limitOfPage && last !== undefined ? encodeCursor(positionOf(last)) : null,
  };
}
