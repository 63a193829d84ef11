import { z } from 'zod';

/** Text that PostgreSQL can store and give back unchanged: no NUL, no half of a surrogate pair. */
export const storedText = z
  .string()
  .refine(
    (text) => text.isWellFormed() && !text.includes('\0'),
    'must be valid Unicode without NUL',
  );
