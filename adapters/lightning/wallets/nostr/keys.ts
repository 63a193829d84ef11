import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';

/** Hex, 64 characters: x of the point, as BIP-340 has it. */
export type PublicKey = string;

export function publicKeyOf(secret: Uint8Array): PublicKey {
  return Buffer.from(schnorr.getPublicKey(secret)).toString('hex');
}

/** x of the shared point. Throws when the key is no point. */
export function sharedSecret(secret: Uint8Array, other: PublicKey): Buffer {
  const point = secp256k1.getSharedSecret(secret, Buffer.from(`02${other}`, 'hex'));
  return Buffer.from(point.subarray(1, 33));
}
