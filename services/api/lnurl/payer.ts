import { z } from 'zod';
import { nostrEvent, zapRequestProblem } from '../../../domain/nostr/zap-request.js';
import { isSigned } from '../../../engine/nostr-key.js';
import { LnurlError } from './error.js';

/** What a payer may say of itself (LUD-18); nothing is asked for. */
export const PAYER_DATA = {
  name: { mandatory: false },
  pubkey: { mandatory: false },
  identifier: { mandatory: false },
  email: { mandatory: false },
} as const;

const payerData = z.strictObject({
  name: z.string().max(200).optional(),
  pubkey: z
    .string()
    .regex(/^[0-9a-f]{66}$/i)
    .optional(),
  identifier: z.string().max(200).optional(),
  email: z.string().max(200).optional(),
});

/** Throws LnurlError for what is not of the form of {@link PAYER_DATA}. */
export function refusePayerData(text: string): void {
  if (!payerData.safeParse(readJson(text)).success) {
    throw new LnurlError('payerdata must be JSON with name, pubkey, identifier and email at most');
  }
}

/** Throws LnurlError for what is no signed zap request of this amount (NIP-57). */
export function refuseZapRequest(text: string, amountMsat: bigint): void {
  const event = nostrEvent.safeParse(readJson(text));
  if (!event.success) throw new LnurlError('nostr must be an event, as JSON');
  const problem = zapRequestProblem(event.data, amountMsat);
  if (problem !== undefined) throw new LnurlError(`the zap request is refused: ${problem}`);
  if (!isSigned(event.data)) throw new LnurlError('the zap request is not signed by its key');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
