import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import type { PushDevice } from './port.js';

const CURVE = 'prime256v1';
const RECORD_BYTES = 4096;
const TAG_BYTES = 16;

/** What RFC 8291 draws by lot; given only by tests. */
export interface Drawn {
  readonly privateKey: Buffer;
  readonly salt: Buffer;
}

function draw(): Drawn {
  const ecdh = createECDH(CURVE);
  ecdh.generateKeys();
  return { privateKey: ecdh.getPrivateKey(), salt: randomBytes(16) };
}

/** A message that only the device reads, as one record of aes128gcm (RFC 8188), with the keys of RFC 8291. */
export function encryptPush(
  { p256dh, auth }: Pick<PushDevice, 'p256dh' | 'auth'>,
  message: Buffer,
  { privateKey, salt }: Drawn = draw(),
): Buffer {
  if (message.length + 1 + TAG_BYTES > RECORD_BYTES) throw new Error('the message is too long');
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(privateKey);
  const ours = ecdh.getPublicKey();
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, ours]);
  const secret = hkdf(ecdh.computeSecret(p256dh), auth, info, 32);
  const key = hkdf(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // 2: the last record.
  const record = [cipher.update(message), cipher.update(Buffer.of(2)), cipher.final()];
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD_BYTES);
  head.writeUInt8(ours.length, 4);
  return Buffer.concat([salt, head, ours, ...record, cipher.getAuthTag()]);
}

function hkdf(secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, bytes));
}

/** Whether it is a point of the curve: another key encrypts nothing. */
export function isPublicKey(key: Buffer): boolean {
  const ecdh = createECDH(CURVE);
  ecdh.generateKeys();
  try {
    ecdh.computeSecret(key);
    return key.length === 65;
  } catch {
    return false;
  }
}
