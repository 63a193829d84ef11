import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type PublicKey, sharedSecret } from './keys.js';

/** NIP-44, version 2. */
const VERSION = 2;
const NONCE_BYTES = 32;
const MAC_BYTES = 32;
const MAX_TEXT_BYTES = 65_535;
const LEAST_PADDED = 32;

export function conversationKey(secret: Uint8Array, other: PublicKey): Buffer {
  return hmac(Buffer.from('nip44-v2'), sharedSecret(secret, other));
}

/** Throws for an empty text, and for more than 65,535 bytes. */
export function encryptNip44(
  text: string,
  key: Buffer,
  nonce: Buffer = randomBytes(NONCE_BYTES),
): string {
  const keys = messageKeys(key, nonce);
  const encrypted = chacha20(keys, pad(text));
  const mac = hmac(keys.mac, Buffer.concat([nonce, encrypted]));
  return Buffer.concat([Buffer.of(VERSION), nonce, encrypted, mac]).toString('base64');
}

/** Throws when it was not encrypted with this key. */
export function decryptNip44(payload: string, key: Buffer): string {
  const bytes = Buffer.from(payload, 'base64');
  if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + MAC_BYTES + 2 + LEAST_PADDED) {
    throw new Error('not encrypted by NIP-44, version 2');
  }
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const encrypted = bytes.subarray(1 + NONCE_BYTES, -MAC_BYTES);
  const keys = messageKeys(key, nonce);
  const mac = hmac(keys.mac, Buffer.concat([nonce, encrypted]));
  if (!timingSafeEqual(mac, bytes.subarray(-MAC_BYTES))) throw new Error('another key, or changed');
  return unpad(chacha20(keys, encrypted));
}

interface MessageKeys {
  readonly cipher: Buffer;
  readonly nonce: Buffer;
  readonly mac: Buffer;
}

/** HKDF-expand of RFC 5869 to 76 bytes. */
function messageKeys(key: Buffer, nonce: Buffer): MessageKeys {
  const blocks: Buffer[] = [];
  for (let n = 1; n <= 3; n += 1) {
    const before = blocks.at(-1) ?? Buffer.alloc(0);
    blocks.push(hmac(key, Buffer.concat([before, nonce, Buffer.of(n)])));
  }
  const all = Buffer.concat(blocks);
  return { cipher: all.subarray(0, 32), nonce: all.subarray(32, 44), mac: all.subarray(44, 76) };
}

/** Encrypts and decrypts. OpenSSL's nonce has the counter of RFC 8439 in front. */
function chacha20({ cipher, nonce }: MessageKeys, bytes: Buffer): Buffer {
  const stream = createCipheriv('chacha20', cipher, Buffer.concat([Buffer.alloc(4), nonce]));
  return Buffer.concat([stream.update(bytes), stream.final()]);
}

function pad(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === 0 || bytes.length > MAX_TEXT_BYTES) {
    throw new Error(`a text has 1 to ${MAX_TEXT_BYTES} bytes`);
  }
  const padded = Buffer.alloc(2 + paddedLength(bytes.length));
  padded.writeUInt16BE(bytes.length);
  bytes.copy(padded, 2);
  return padded;
}

function unpad(padded: Buffer): string {
  const length = padded.readUInt16BE();
  const bytes = padded.subarray(2, 2 + length);
  if (length === 0 || bytes.length !== length || padded.length !== 2 + paddedLength(length)) {
    throw new Error('padded in another way');
  }
  return bytes.toString('utf8');
}

/** Lengths are hidden in steps: eighths of the next power of two, and no less than 32. */
function paddedLength(length: number): number {
  if (length <= LEAST_PADDED) return LEAST_PADDED;
  const next = 2 ** (Math.floor(Math.log2(length - 1)) + 1);
  const step = next <= 256 ? 32 : next / 8;
  return step * (Math.floor((length - 1) / step) + 1);
}

function hmac(key: Buffer, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest();
}
