import { Refusal } from '../refusal.js';
import type { CreditMessage, MessageKind } from './entries.js';

/** Whose messages change ledger `aleph`. */
export interface MessagePolicy {
  /** May grant and expense, and transfer out of nothing. */
  readonly issuers: readonly string[];
  /** Empty: any. */
  readonly channels: readonly string[];
}

export interface Envelope {
  readonly kind: MessageKind;
  /** In whose name it was sent. */
  readonly sender: string;
  readonly channel: string | null;
}

export function isIssuer({ issuers }: MessagePolicy, address: string): boolean {
  return issuers.includes(address);
}

/** Whether a message has to do with the ledger; others are posts like any other, and no error. */
export function isAuthorized(gate: MessagePolicy, { kind, sender, channel }: Envelope): boolean {
  if (gate.channels.length > 0 && (channel === null || !gate.channels.includes(channel))) {
    return false;
  }
  return kind === 'transfer' || isIssuer(gate, sender);
}

/** What the sender may not ask for. Throws Refusal `credits.self_transfer`. */
export function checkSender(message: CreditMessage, sender: string): void {
  if (message.kind !== 'transfer') return;
  if (message.entries.some(({ address }) => address === sender)) {
    throw new Refusal('credits.self_transfer', `${sender} transfers to itself`);
  }
}
