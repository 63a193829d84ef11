/** Longest text of an invoice that is looked at, in characters. */
export const MAX_BOLT11_LENGTH = 8000;

const FORM = /^ln[a-z]{2,4}[0-9a-z]*1[02-9ac-hj-np-z]+$/;

/**
 * One spelling of an invoice, however it was copied: upper case as in QR codes, with `lightning:` before it, with spaces or line breaks
 * around or within. Undefined where it cannot be an invoice; whether it is one, the node says.
 */
export function spellBolt11(text: string): string | undefined {
  if (text.length > MAX_BOLT11_LENGTH) return undefined;
  const plain = text.replace(/\s+/g, '').replace(/^lightning:(\/\/)?/i, '');
  // Mixed case is not valid bech32.
  if (plain !== plain.toLowerCase() && plain !== plain.toUpperCase()) return undefined;
  const lower = plain.toLowerCase();
  return FORM.test(lower) ? lower : undefined;
}
