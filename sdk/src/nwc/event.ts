import { schnorr } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOfHex, hexOfBytes } from './connection.js';

/** Source: NIP-01. */
export interface NostrEvent {
  readonly id: string;
  readonly pubkey: string;
  /** In seconds. */
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

type Unsigned = Pick<NostrEvent, 'kind' | 'tags' | 'content' | 'created_at'>;

export function publicKeyOf(secret: Uint8Array): string {
  return hexOfBytes(schnorr.getPublicKey(secret));
}

export function signEvent(secret: Uint8Array, event: Unsigned): NostrEvent {
  const pubkey = publicKeyOf(secret);
  const id = idOf({ ...event, pubkey });
  const sig = hexOfBytes(schnorr.sign(bytesOfHex(id), secret));
  return { ...event, pubkey, id, sig };
}

/** Whether it is what its author has signed: relays are not trusted. */
export function isSigned(event: NostrEvent): boolean {
  if (idOf(event) !== event.id) return false;
  try {
    return schnorr.verify(bytesOfHex(event.sig), bytesOfHex(event.id), bytesOfHex(event.pubkey));
  } catch {
    return false;
  }
}

function idOf({ pubkey, created_at, kind, tags, content }: Omit<NostrEvent, 'id' | 'sig'>): string {
  const text = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
  return hexOfBytes(sha256(new TextEncoder().encode(text)));
}

export function isNostrEvent(value: unknown): value is NostrEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, pubkey, sig, content, kind, tags, ...rest } = value as Partial<
    Record<string, unknown>
  >;
  const { created_at: createdAt } = rest;
  return (
    [id, pubkey, sig, content].every((text) => typeof text === 'string') &&
    typeof kind === 'number' &&
    typeof createdAt === 'number' &&
    Array.isArray(tags) &&
    tags.every((tag) => Array.isArray(tag) && tag.every((part) => typeof part === 'string'))
  );
}

/** The value of the first tag of this name. */
export function tagOf({ tags }: Pick<NostrEvent, 'tags'>, name: string): string | undefined {
  return tags.find(([tag]) => tag === name)?.[1];
}
