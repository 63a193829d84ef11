/** A connection that a wallet has given: `nostr+walletconnect://<wallet's key>?relay=wss://…&secret=…`. Source: NIP-47. */
export interface NwcConnection {
  /** Public key of the wallet, 32 bytes in hex. */
  readonly wallet: string;
  readonly relays: readonly string[];
  /** Private key of this connection, 32 bytes. It can spend: it stays on the device. */
  readonly secret: Uint8Array;
}

const KEY = /^[0-9a-f]{64}$/;

/** Throws an Error that does not contain the secret. */
export function parseConnection(uri: string): NwcConnection {
  const [, wallet = '', search = ''] =
    /^nostr\+?walletconnect:(?:\/\/)?([0-9a-fA-F]{64})\/?\?(.*)$/.exec(uri.trim()) ?? [];
  const query = new URLSearchParams(search);
  const secret = (query.get('secret') ?? '').toLowerCase();
  const relays = query.getAll('relay').filter((relay) => /^wss?:\/\//.test(relay));
  if (!KEY.test(wallet.toLowerCase()) || !KEY.test(secret) || relays.length === 0) {
    throw new Error('not a connection of Nostr Wallet Connect');
  }
  return { wallet: wallet.toLowerCase(), relays, secret: bytesOfHex(secret) };
}

export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}

export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function base64OfBytes(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
