/** What an invoice says of its purpose: a text, or the hash of one that is shown elsewhere. */
export type Description = { readonly memo: string } | { readonly descriptionHash: string };

/** Of a text, in bytes of UTF-8: a field of an invoice holds 1023 groups of 5 bits. */
export const MAX_DESCRIPTION_BYTES = 639;

export function fitsInvoice(memo: string): boolean {
  return new TextEncoder().encode(memo).length <= MAX_DESCRIPTION_BYTES;
}

/**
 * The description of a wrapped invoice: the caller's hash before the payee's hash before the payee's text, as the payer's wallet checks
 * what the payee has promised. Undefined where the text is too long.
 */
export function wrappedDescription(
  payee: { readonly memo: string; readonly descriptionHash?: string },
  callersHash?: string,
): Description | undefined {
  const descriptionHash = callersHash ?? payee.descriptionHash;
  if (descriptionHash !== undefined) return { descriptionHash };
  return fitsInvoice(payee.memo) ? { memo: payee.memo } : undefined;
}
