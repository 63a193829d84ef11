/** An event of nostr, signed (NIP-01). */
export interface NostrEvent {
  /** SHA-256 of the rest, hex. */
  readonly id: string;
  /** Of the key that signed it, hex, x only. */
  readonly pubkey: string;
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

/** Relays of nostr, which keep events and give them to whoever asks. */
export interface NostrRelays {
  /** `refused`: the relay does not want it, and will not tomorrow. Throws where its answer is not known. */
  publish(relay: string, event: NostrEvent): Promise<'accepted' | 'refused'>;
}
