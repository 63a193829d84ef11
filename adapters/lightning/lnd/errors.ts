import { status } from '@grpc/grpc-js';
import { z } from 'zod';
import { LightningError, type LightningRefusal } from '../port.js';
import type { NodeAlarm } from '../error.js';

/** An error of a gRPC call, as grpc-js throws it. */
const grpcError = z.object({ code: z.enum(status), details: z.string() });

/** lnd answers most refusals with code UNKNOWN and a text. Source: invoices/errors.go, rpcperms/interceptor.go, macaroons/service.go. */
const ALARMS: readonly (readonly [RegExp, NodeAlarm])[] = [
  [/wallet locked|wallet not created/, 'locked'],
  [/waiting to start|in the process of starting up|unknown service|server is still/, 'starting'],
  [/permission denied|macaroon|verification failed|root key with id/, 'permission_denied'],
];

/** The error, before a method's own refusals are told apart: nothing is known of a mutation unless the connection never stood. */
export function errorOfLnd(error: unknown): LightningError {
  if (error instanceof LightningError) return error;
  const read = grpcError.safeParse(error);
  if (!read.success)
    return LightningError.unknown('lnd: no answer that can be read', { cause: error });
  const { code, details } = read.data;
  const message = `lnd: ${details}`;
  if (code === status.UNAVAILABLE && details.startsWith('No connection established')) {
    return LightningError.unavailable(message, { cause: error });
  }
  const alarm = ALARMS.find(([text]) => text.test(details))?.[1];
  if (alarm !== undefined) return LightningError.unavailable(message, { cause: error, alarm });
  return LightningError.unknown(message, { cause: error });
}

export type Refusals = readonly (readonly [RegExp, LightningRefusal])[];

const NOT_THERE = /unable to locate invoice|there are no existing invoices/;

/** By method: what lnd says when it refuses, and nothing happened. */
export const REFUSALS = {
  createInvoice: [[/payment hash already exists/, 'duplicate_hash']],
  settleInvoice: [
    [/invoice still open/, 'not_held'],
    [/already canceled/, 'already_canceled'],
    [NOT_THERE, 'unknown_preimage'],
  ],
  cancelInvoice: [
    [/already settled/, 'already_settled'],
    [NOT_THERE, 'unknown_hash'],
  ],
  sendPayment: [
    [/self-payments not allowed/, 'self_payment'],
    [/invoice expired/, 'invoice_expired'],
    [/cltv limit \d+ should be greater than/, 'height_limit_too_low'],
    [/already paid|in transition|already exists/, 'already_exists'],
    [/amount must|must contain either a payment address|AMP flag/, 'bad_request'],
  ],
} as const satisfies Record<string, Refusals>;

/** Whether lnd's handler answered with a text of its own: others are of the transport. */
const OF_THE_HANDLER: readonly status[] = [
  status.UNKNOWN,
  status.ALREADY_EXISTS,
  status.NOT_FOUND,
  status.INVALID_ARGUMENT,
];

/** Throws the refusal that the method's table names, else the error as it is. */
export function refusing(refusals: Refusals): (error: unknown) => never {
  return (error) => {
    const isOpen = error instanceof LightningError && error.kind === 'unknown';
    const read = grpcError.safeParse(isOpen ? error.cause : undefined);
    if (read.success && OF_THE_HANDLER.includes(read.data.code)) {
      const found = refusals.find(([text]) => text.test(read.data.details));
      if (found !== undefined) throw LightningError.refused(found[1], `lnd: ${read.data.details}`);
    }
    throw error;
  };
}

/** Whether lnd says that it has no such thing. */
export function isNotFound(error: unknown): boolean {
  const read = grpcError.safeParse(error instanceof Error ? error.cause : undefined);
  return read.success && (read.data.code === status.NOT_FOUND || NOT_THERE.test(read.data.details));
}
