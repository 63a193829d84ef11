/** Answered in the words of LNURL. */
export class LnurlError extends Error {
  override readonly name = 'LnurlError';
}
