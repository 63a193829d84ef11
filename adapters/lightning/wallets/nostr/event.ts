import { createHash } from 'node:crypto';
import { schnorr } from '@noble/curves/secp256k1.js';
import { z } from 'zod';
import { type PublicKey, publicKeyOf } from './keys.js';

const hex = (characters: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${characters}}$`));

/** NIP-01. */
export const eventSchema = z.object({
  id: hex(64),
  pubkey: hex(64),
  created_at: z.int().nonnegative(),
  kind: z.int().nonnegative(),
  tags: z.array(z.array(z.string())),
  content: z.string(),
  sig: hex(128),
});
export type NostrEvent = z.output<typeof eventSchema>;

type Unsigned = Pick<NostrEvent, 'created_at' | 'kind' | 'tags' | 'content'>;

export function signEvent(event: Unsigned, secret: Uint8Array): NostrEvent {
  const pubkey = publicKeyOf(secret);
  const id = hashOf({ ...event, pubkey });
  const sig = Buffer.from(schnorr.sign(id, secret)).toString('hex');
  return { ...event, pubkey, id: id.toString('hex'), sig };
}

/** Whether it was signed by this key, and is what was signed. */
export function isSignedBy(event: NostrEvent, author: PublicKey): boolean {
  const id = hashOf(event);
  if (event.pubkey !== author || id.toString('hex') !== event.id) return false;
  try {
    return schnorr.verify(Buffer.from(event.sig, 'hex'), id, Buffer.from(author, 'hex'));
  } catch {
    return false;
  }
}

export function tagOf({ tags }: Pick<NostrEvent, 'tags'>, name: string): string | undefined {
  return tags.find(([tag]) => tag === name)?.[1];
}

function hashOf(event: Unsigned & Pick<NostrEvent, 'pubkey'>): Buffer {
  const { pubkey, created_at: at, kind, tags, content } = event;
  const text = JSON.stringify([0, pubkey, at, kind, tags, content]);
  return createHash('sha256').update(text).digest();
}
