import { z } from 'zod';
import { parsePublicKeys, parseSigningKey } from '../signatures/keys.js';
import { parseCodecKeys } from '../temporal/codec-keys.js';

/** Schemas for keys: text in, parsed key out. A value that is refused is not shown. */

export const signingKey = parsedBy(parseSigningKey, 'must be like 1:<64 hex digits>');

export const publicKeys = parsedBy(
  parsePublicKeys,
  'must be like 1:<64 hex digits>,2:<64 hex digits>',
);

export const codecKeys = parsedBy(
  parseCodecKeys,
  'must be like 1:<64 hex digits>,2:<64 hex digits>',
);

function parsedBy<T>(parse: (text: string) => T | undefined, message: string) {
  return z.string().transform((given, context): T => {
    const parsed = parse(given);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
