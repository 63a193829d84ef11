import { Refusal } from '../refusal.js';
import type { CreditMessage, MessageKind } from './messages.js';

/** Who may change ledger `aleph` by messages. (In which order lots are drained is a DrainPolicy.) */
export interface MessagePolicy {
  /** Addresses that may grant and expense; their transfers create credits. */
  readonly issuers: readonly string[];
  /** Channels that count; empty: all. */
  readonly channels: readonly string[];
}

export interface Envelope {
  readonly kind: MessageKind;
  /** The address that sent it. */
  readonly sender: string;
  readonly channel: string | null;
}

export function isIssuer({ issuers }: MessagePolicy, address: string): boolean {
  return issuers.includes(address);
}

/** Whether a message changes the ledger. One that does not is an ordinary post, not an error. */
export function isAuthorized(policy: MessagePolicy, { kind, sender, channel }: Envelope): boolean {
  if (policy.channels.length > 0 && (channel === null || !policy.channels.includes(channel))) {
    return false;
  }
  return kind === 'transfer' || isIssuer(policy, sender);
}

/** Checks a message against its sender. Throws Refusal `credits.self_transfer`. */
export function checkSender(message: CreditMessage, sender: string): void {
  if (message.kind !== 'transfer') return;
  if (message.entries.some(({ address }) => address === sender)) {
    throw new Refusal('credits.self_transfer', `${sender} transfers to itself`);
  }
}
