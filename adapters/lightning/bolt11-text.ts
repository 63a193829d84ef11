/**
 * The bech32 text of an invoice as people paste it: with spaces and line breaks, with `lightning:` before it, in upper case. What
 * is no invoice stays none.
 */
export function bolt11Text(pasted: string): string {
  const text = pasted.replace(/\s+/g, '').replace(/^lightning:(\/\/)?/i, '');
  return text === text.toUpperCase() ? text.toLowerCase() : text;
}
