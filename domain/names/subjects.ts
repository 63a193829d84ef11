/** NATS subjects and streams: the only place where they are spelled. */
export const STREAMS = {
  PAYMENTS: { subjects: ['payments.>'], keepDays: 30 },
  CONFIRMATIONS: { subjects: ['confirmations.>'], keepDays: 30 },
  TRANSMISSIONS: { subjects: ['transmissions.>'], keepDays: 31 },
  ACTIONS: { subjects: ['actions.>'], keepDays: 30 },
  CREDITS: { subjects: ['credits.>'], keepDays: 30 },
  INTAKE: { subjects: ['intake.>'], keepDays: 30 },
  /** Kept until handled. */
  DEADLETTERS: { subjects: ['deadletters.>'], keepDays: null },
} as const;
export type StreamName = keyof typeof STREAMS;

/** Header with the installation's epoch: messages of another epoch are ignored. */
export const EPOCH_HEADER = 'Quittance-Epoch';

/** Headers of signed messages: who saw what is reported (a node's public key, a station), the version of its key, the signature in base64. */
export const NODE_HEADER = 'Quittance-Node';
export const KEY_HEADER = 'Quittance-Key';
export const SIGNATURE_HEADER = 'Quittance-Signature';

export function invoiceSubject(hash: string, state: 'held' | 'settled' | 'canceled'): string {
  return `payments.invoice.${hash}.${state}`;
}

export function outgoingSubject(hash: string, state: 'succeeded' | 'failed'): string {
  return `payments.outgoing.${hash}.${state}`;
}

/** What a subject on PAYMENTS is about. Undefined for one of another form. */
export function paymentOfSubject(
  subject: string,
): { readonly kind: 'invoice' | 'outgoing'; readonly hash: string } | undefined {
  const [, kind, hash] = /^payments\.(invoice|outgoing)\.([0-9a-f]{64})\./.exec(subject) ?? [];
  if (hash === undefined) return undefined;
  return { kind: kind === 'invoice' ? 'invoice' : 'outgoing', hash };
}

export function confirmationSubject(kind: 'tx' | 'rx', region: number): string {
  return `confirmations.${kind}.${region}`;
}

export function transmissionSubject(channel: number, what: 'started' | 'ended'): string {
  return `transmissions.${channel}.${what}`;
}

/** E.g. `actions.zap.paid`: type and state in lower case, underscores as they are. */
export function actionSubject(type: string, state: string): string {
  return `actions.${type.toLowerCase()}.${state.toLowerCase()}`;
}

/** E.g. `actions.zap.wallet_failed`: a wallet was of no use for an action of that type. */
export function walletSubject(type: string): string {
  return actionSubject(type, 'wallet_failed');
}

/** Accounts have been told something: `{ accounts }`. */
export function noticeSubject(): string {
  return actionSubject('notice', 'written');
}

/** `credits.<ledger>.expired`, `credits.<ledger>.unaffordable` or `.affordable`. */
export function creditSubject(
  ledger: string,
  what: 'expired' | 'unaffordable' | 'affordable',
): string {
  return `credits.${ledger}.${what}`;
}

/** `intake.<store>.<topic>`; what a subject cannot hold becomes `_`, since topics come from outside. */
export function intakeSubject(store: string, topic: string): string {
  return `intake.${store}.${topic.replace(/[^A-Za-z0-9._-]|^\.|\.$|\.(?=\.)/g, '_')}`;
}

export function deadLetterSubject(stream: StreamName): string {
  return `deadletters.${stream}`;
}
