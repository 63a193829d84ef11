import { z } from 'zod';
import { confirmationSubject } from '../../../domain/names/subjects.js';
import type { ConfirmationKind } from '../../../domain/transmissions/confirmation.js';
import { REGION_NUMBERS } from '../../../domain/transmissions/regions.js';

/** `confirmations.<tx|rx>.<region>`: a region's host has sent an order's message, or its receiver has got it. */
export const confirmationSchema = z.object({
  uuid: z.uuid(),
  txSeqNum: z.int32().min(1),
  region: z.literal([...REGION_NUMBERS]),
  /** When it was sent or received there. */
  at: z.iso.datetime(),
});

export type ConfirmationBody = z.output<typeof confirmationSchema>;

/** What one of them says. */
export interface ConfirmationMessage {
  readonly kind: ConfirmationKind;
  readonly region: number;
  readonly txSeqNum: number;
}

/** What a message on CONFIRMATIONS says. Throws where body and subject are not about the same region. */
export function readConfirmation(body: unknown, subject: string): ConfirmationMessage {
  const { region, txSeqNum } = confirmationSchema.parse(body);
  const kind = (['tx', 'rx'] as const).find((one) => confirmationSubject(one, region) === subject);
  if (kind === undefined) throw new Error(`region ${region} does not confirm on ${subject}`);
  return { kind, region, txSeqNum };
}
