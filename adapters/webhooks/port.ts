/** By a shared secret (HMAC-SHA256), or by a key pair (Ed25519). Source: Standard Webhooks. */
export type Signing = 'v1' | 'v1a';

/** What the engine has to know of how webhooks are sent. */
export interface WebhookPort {
  newSecret(signing: Signing): string;
  /** What the receiver verifies with. */
  verificationKey(signing: Signing, secret: string): string;
  /** Why that address can never be sent to, as far as its text shows; undefined when it may be. */
  refusalOf(url: string): string | undefined;
}
