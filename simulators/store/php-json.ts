import { stringify } from 'lossless-json';

/** JSON as PHP writes it, slashes and everything outside of ASCII escaped. Ids may be bigint. */
export function phpJson(value: unknown): string {
  const text = stringify(value) ?? 'null';
  // Slashes occur only inside of strings.
  return text
    .replaceAll('/', '\\/')
    .replace(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
