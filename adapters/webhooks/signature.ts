import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';

import type { Signing } from './port.js';

const SECRET_BYTES = 32;

/** For v1 `whsec_` and 32 bytes in base64, for both sides; for v1a the private key, which stays here. */
export function newSecret(signing: Signing): string {
  if (signing === 'v1') return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  return `whsk_${privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')}`;
}

/** What the receiver verifies with: the secret itself, or the public key (`whpk_`, 32 bytes in base64). */
export function verificationKey(signing: Signing, secret: string): string {
  if (signing === 'v1') return secret;
  const spki = createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' });
  return `whpk_${spki.subarray(-SECRET_BYTES).toString('base64')}`;
}

export interface SignedMessage {
  readonly id: string;
  /** Of this try, in seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers of a message, with a signature by each of the secrets. */
export function signedHeaders(
  signing: Signing,
  secrets: readonly string[],
  { id, timestamp, body }: SignedMessage,
): Readonly<Record<string, string>> {
  const signed = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = secrets.map((secret) => `${signing},${signatureOf(signing, secret, signed)}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

function signatureOf(signing: Signing, secret: string, signed: Buffer): string {
  if (signing === 'v1a') return sign(null, signed, privateKeyOf(secret)).toString('base64');
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(signed).digest('base64');
}

function privateKeyOf(secret: string): ReturnType<typeof createPrivateKey> {
  const key = Buffer.from(secret.replace(/^whsk_/, ''), 'base64');
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
