import { createHash, randomBytes } from 'node:crypto';
import { invoiceExpiry } from '../../adapters/lightning/invoice-expiry.js';
import {
  LightningError,
  type CreateInvoice,
  type DecodedInvoice,
  type PaymentHash,
  type Preimage,
} from '../../adapters/lightning/port.js';
import type { Outcome } from '../../adapters/lightning/simulator-client/wallet-protocol.js';
import { Bolt11Error, decodeInvoice, DEFAULT_EXPIRY_SECONDS, encodeInvoice } from './bolt11.js';
import type { NewInvoice } from './store/invoices.js';
import type { Party } from './store/parties.js';

const NETWORK_PREFIX = 'bcrt';
/** lnd's default, and the least that lnd 0.21 takes; in blocks. */
const MIN_FINAL_CLTV = 80;
const LOWEST_FINAL_CLTV = 24;
/** Of BOLT11, when the invoice names none. */
const UNNAMED_FINAL_CLTV = 18;
/** Variable onion and payment secret, compulsory as on lnd; multi-part payments, optional. */
const FEATURES = [8, 14, 17];

/** A new signed invoice. Refused with `bad_request` when the request is inconsistent. */
export function mintInvoice(
  payee: Party,
  request: CreateInvoice,
  outcome: Outcome = 'succeed',
): NewInvoice {
  const { hash, preimage } = secretsOf(request);
  const { amountMsat, expirySeconds, memo, descriptionHash } = request;
  const minFinalCltv = request.minFinalCltv ?? MIN_FINAL_CLTV;
  refuseUnless(minFinalCltv >= LOWEST_FINAL_CLTV, `less than ${LOWEST_FINAL_CLTV} blocks`);
  refuseUnless(descriptionHash === undefined || memo === '', 'a memo beside the hash of one');
  const createdAt = new Date();
  const fields = {
    network: NETWORK_PREFIX,
    ...(amountMsat === 0n ? {} : { amountMsat }),
    timestamp: Math.floor(createdAt.getTime() / 1000),
    paymentSecret: randomBytes(32).toString('hex'),
    hash,
    ...(descriptionHash === undefined ? { description: memo } : { descriptionHash }),
    expirySeconds,
    minFinalCltv,
    features: FEATURES,
  };
  return {
    payee: payee.name,
    hash,
    kind: request.kind,
    bolt11: refuseBadFields(() => encodeInvoice(fields, payee.secretKey)),
    amountMsat,
    memo,
    descriptionHash: descriptionHash ?? null,
    minFinalCltv,
    preimage,
    outcome,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + expirySeconds * 1000),
  };
}

/** Decodes a bolt11. Refused with `bad_request`. */
export function readInvoice(bolt11: string): DecodedInvoice {
  const invoice = refuseBadFields(() => decodeInvoice(bolt11));
  const { hash, amountMsat, payee, description, descriptionHash, features } = invoice;
  return {
    hash,
    ...(amountMsat === undefined ? {} : { amountMsat }),
    payee,
    expiresAt: invoiceExpiry(invoice.timestamp, invoice.expirySeconds ?? DEFAULT_EXPIRY_SECONDS),
    memo: description ?? '',
    ...(descriptionHash === undefined ? {} : { descriptionHash }),
    minFinalCltv: invoice.minFinalCltv ?? UNNAMED_FINAL_CLTV,
    features,
    hintNodes: invoice.hintNodes ?? [],
  };
}

export function hashOf(preimage: Preimage): PaymentHash {
  return createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
}

function secretsOf({ kind, hash, preimage }: CreateInvoice): {
  readonly hash: PaymentHash;
  readonly preimage: Preimage | null;
} {
  if (kind === 'hold') {
    if (hash === undefined || preimage !== undefined) {
      throw LightningError.refused('bad_request', 'a hold invoice takes a hash and no preimage');
    }
    return { hash, preimage: null };
  }
  if (hash !== undefined) {
    throw LightningError.refused('bad_request', 'an ordinary invoice takes a preimage or nothing');
  }
  const known = preimage ?? randomBytes(32).toString('hex');
  return { hash: hashOf(known), preimage: known };
}

function refuseUnless(allowed: boolean, what: string): void {
  if (!allowed) throw LightningError.refused('bad_request', what);
}

function refuseBadFields<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Bolt11Error)) throw error;
    throw LightningError.refused('bad_request', error.message);
  }
}
