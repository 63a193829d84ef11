import type { z } from 'zod';
import { Refusal } from '../../../../domain/refusal.js';

/** Parses a query, a part of an address or a field. Throws Refusal `request.invalid`. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const detail = result.error.issues.map(({ message }) => message).join('; ');
  throw new Refusal('request.invalid', `This is not complete, or not as it should be: ${detail}`);
}
