import { createHash, createHmac } from 'node:crypto';
import { schnorr } from '@noble/curves/secp256k1.js';
import type { NostrEvent } from '../adapters/nostr/port.js';

type Unsigned = Omit<NostrEvent, 'id' | 'pubkey' | 'sig'>;

/** Nothing by lot: an event that is signed again is the same one. */
const NO_RANDOM = new Uint8Array(32);

/** The key that signs receipts of payments, from the master secret. */
function keyOf(secret: string): Buffer {
  return createHmac('sha256', secret).update('nostr').digest();
}

/** Hex, x only: what LNURL-pay answers name. */
export function nostrPubkey(secret: string): string {
  return Buffer.from(schnorr.getPublicKey(keyOf(secret))).toString('hex');
}

export function signEvent(secret: string, event: Unsigned): NostrEvent {
  const pubkey = nostrPubkey(secret);
  const id = idOf({ ...event, pubkey });
  const sig = schnorr.sign(Buffer.from(id, 'hex'), keyOf(secret), NO_RANDOM);
  return { ...event, pubkey, id, sig: Buffer.from(sig).toString('hex') };
}

/** Whether its id is the hash of what it says, and its signature is of its key. */
export function isSigned(event: NostrEvent): boolean {
  if (idOf(event) !== event.id) return false;
  try {
    const [sig, id, pubkey] = [event.sig, event.id, event.pubkey].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    return sig !== undefined && id !== undefined && pubkey !== undefined
      ? schnorr.verify(sig, id, pubkey)
      : false;
  } catch {
    return false;
  }
}

/** Source: NIP-01. */
function idOf({
  pubkey,
  created_at: at,
  kind,
  tags,
  content,
}: Omit<NostrEvent, 'id' | 'sig'>): string {
  const serialized = JSON.stringify([0, pubkey, at, kind, tags, content]);
  return createHash('sha256').update(serialized).digest('hex');
}
