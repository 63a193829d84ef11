import { chacha20 } from '@noble/ciphers/chacha.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64OfBytes, bytesOfBase64, bytesOfHex } from './connection.js';

/** How a wallet and this device write to each other. Wallets that know NIP-44 say so; NIP-04 is what the others know. */
export interface Encryption {
  readonly name: 'nip44_v2' | 'nip04';
  encrypt(text: string): Promise<string>;
  decrypt(payload: string): Promise<string>;
}

export function encryptionFor(
  name: Encryption['name'],
  secret: Uint8Array,
  otherKey: string,
): Encryption {
  return name === 'nip04' ? nip04(sharedX(secret, otherKey)) : nip44(secret, otherKey);
}

/** x of the shared point. Throws when a key is none. */
function sharedX(secret: Uint8Array, otherKey: string): Uint8Array {
  return secp256k1.getSharedSecret(secret, bytesOfHex(`02${otherKey}`)).subarray(1, 33);
}

/** Of NIP-44, version 2: the same for both sides. Throws when a key is none. */
export function conversationKey(secret: Uint8Array, otherKey: string): Uint8Array {
  return extract(sha256, sharedX(secret, otherKey), encoder.encode('nip44-v2'));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** AES-256-CBC by the shared x coordinate. Source: NIP-04. */
function nip04(shared: Uint8Array): Encryption {
  const key = crypto.subtle.importKey('raw', Uint8Array.from(shared), 'AES-CBC', false, [
    'encrypt',
    'decrypt',
  ]);
  return {
    name: 'nip04',
    async encrypt(text) {
      const iv = crypto.getRandomValues(new Uint8Array(16));
      const data = encoder.encode(text);
      const sealed = await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, await key, data);
      return `${base64OfBytes(new Uint8Array(sealed))}?iv=${base64OfBytes(iv)}`;
    },
    async decrypt(payload) {
      const [sealed = '', iv = ''] = payload.split('?iv=');
      const algorithm = { name: 'AES-CBC', iv: bytesOfBase64(iv) };
      const data = await crypto.subtle.decrypt(algorithm, await key, bytesOfBase64(sealed));
      return decoder.decode(data);
    },
  };
}

const VERSION = 2;
const NONCE_BYTES = 32;
const MAC_BYTES = 32;

/** ChaCha20 and HMAC-SHA256, with padding. Source: NIP-44, version 2. */
function nip44(secret: Uint8Array, otherKey: string): Encryption {
  const key = conversationKey(secret, otherKey);
  return {
    name: 'nip44_v2',
    encrypt(text) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      return Promise.resolve(sealNip44(key, nonce, text));
    },
    decrypt: (payload) => Promise.resolve().then(() => openNip44(key, payload)),
  };
}

/** With a nonce that is given: for the vectors of NIP-44. */
export function sealNip44(key: Uint8Array, nonce: Uint8Array, text: string): string {
  const keys = messageKeys(key, nonce);
  const sealed = chacha20(keys.cipher, keys.nonce, padded(encoder.encode(text)));
  const mac = hmac(sha256, keys.mac, concat(nonce, sealed));
  return base64OfBytes(concat(Uint8Array.of(VERSION), nonce, sealed, mac));
}

export function openNip44(key: Uint8Array, payload: string): string {
  const bytes = bytesOfBase64(payload);
  if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + 34 + MAC_BYTES) {
    throw new Error('not NIP-44 version 2');
  }
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const sealed = bytes.subarray(1 + NONCE_BYTES, -MAC_BYTES);
  const keys = messageKeys(key, nonce);
  if (!equal(hmac(sha256, keys.mac, concat(nonce, sealed)), bytes.subarray(-MAC_BYTES))) {
    throw new Error('the message was changed');
  }
  const opened = chacha20(keys.cipher, keys.nonce, sealed);
  const length = ((opened[0] ?? 0) << 8) | (opened[1] ?? 0);
  if (length === 0 || opened.length !== 2 + paddedLength(length)) {
    throw new Error('the padding is wrong');
  }
  return decoder.decode(opened.subarray(2, 2 + length));
}

function messageKeys(
  key: Uint8Array,
  nonce: Uint8Array,
): { cipher: Uint8Array; nonce: Uint8Array; mac: Uint8Array } {
  const keys = expand(sha256, key, nonce, 76);
  return { cipher: keys.subarray(0, 32), nonce: keys.subarray(32, 44), mac: keys.subarray(44) };
}

/** Two bytes of length, the text, and zeros. Texts of 1 to 65535 bytes. */
function padded(text: Uint8Array): Uint8Array {
  if (text.length === 0 || text.length > 0xffff) throw new Error('too short or too long');
  const bytes = new Uint8Array(2 + paddedLength(text.length));
  bytes[0] = text.length >> 8;
  bytes[1] = text.length & 0xff;
  bytes.set(text, 2);
  return bytes;
}

export function paddedLength(length: number): number {
  if (length <= 32) return 32;
  const power = 2 ** (Math.floor(Math.log2(length - 1)) + 1);
  const chunk = power <= 256 ? 32 : power / 8;
  return chunk * (Math.floor((length - 1) / chunk) + 1);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let different = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) different |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return different === 0;
}
