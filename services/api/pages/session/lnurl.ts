import { bech32 } from '@scure/base';

const MAX_LENGTH = 2000;

/** An address as wallets read it from a QR code (LUD-01), in capitals. */
export function lnurlOf(url: string): string {
  const words = bech32.toWords(new TextEncoder().encode(url));
  return bech32.encode('lnurl', words, MAX_LENGTH).toUpperCase();
}
