import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type PublicKey, sharedSecret } from './keys.js';

const CIPHER = 'aes-256-cbc';

/** NIP-04: without authentication, so only for wallets that know nothing better. */
export function encryptNip04(text: string, secret: Uint8Array, other: PublicKey): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv(CIPHER, sharedSecret(secret, other), iv);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${encrypted.toString('base64')}?iv=${iv.toString('base64')}`;
}

/** Throws when it cannot be decrypted. */
export function decryptNip04(payload: string, secret: Uint8Array, other: PublicKey): string {
  const [encrypted = '', iv = ''] = payload.split('?iv=');
  const key = sharedSecret(secret, other);
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, 'base64'));
  const bytes = Buffer.concat([
    decipher.update(Buffer.from(encrypted, 'base64')),
    decipher.final(),
  ]);
  return bytes.toString('utf8');
}
