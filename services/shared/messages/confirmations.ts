import { z } from 'zod';
import { confirmationSubject } from '../../../domain/names/subjects.js';
import type { ConfirmationKind } from '../../../domain/transmissions/confirmation.js';
import { REGION_NUMBERS } from '../../../domain/transmissions/regions.js';

/** Body of `confirmations.<tx|rx>.<region>`: a region's station has sent an order's message, or its receiver has received it. */
export const confirmationSchema = z.object({
  uuid: z.uuid(),
  txSeqNum: z.int32().min(1),
  region: z.literal([...REGION_NUMBERS]),
  /** When it was sent or received there. */
  at: z.iso.datetime(),
});

export type ConfirmationBody = z.output<typeof confirmationSchema>;

/** A message on CONFIRMATIONS, as read. */
export interface ConfirmationMessage {
  readonly kind: ConfirmationKind;
  readonly region: number;
  readonly txSeqNum: number;
}

/** Throws when the body does not have the expected form, or names another region than the subject. */
export function readConfirmation(body: unknown, subject: string): ConfirmationMessage {
  const { region, txSeqNum } = confirmationSchema.parse(body);
  const kind = (['tx', 'rx'] as const).find((one) => confirmationSubject(one, region) === subject);
  if (kind === undefined) throw new Error(`region ${region} does not confirm on ${subject}`);
  return { kind, region, txSeqNum };
}
