import { z } from 'zod';
import { LightningError } from '../error.js';
import type { GatewayInvoice, GatewayRequest, InvoiceGateway } from './port.js';
import { chargeCall, type ChargeAnswer, type ChargeEndpoint } from './charge-call.js';
import { callbackToken } from './peer-hash.js';

export interface ChargeSettings {
  /** Where Lightning Charge answers, its credentials in it where it asks for some. */
  readonly root: string;
  /** Where it calls back. */
  readonly callbackRoot: string;
  /** The secret of the callbacks' tokens. */
  readonly secret: string;
  /** Shown to payers. */
  readonly description: string;
  /** Of each call. */
  readonly timeoutMs: number;
}

const invoiceAnswer = z.looseObject({
  id: z.string().min(1),
  payreq: z.string().optional(),
  rhash: z.string().optional(),
});
const statusAnswer = z.looseObject({ status: z.enum(['unpaid', 'paid', 'expired']) });

const CREATED = 201;
const OK = 200;

/** Lightning Charge, called exactly as the Satellite API calls it. */
export function createChargeGateway(settings: ChargeSettings): InvoiceGateway {
  const endpoint: ChargeEndpoint = settings;
  return {
    name: 'charge',
    createInvoice: (request) => createInvoice(endpoint, settings.description, request),
    registerCallback: async (id) => {
      const url = `${settings.callbackRoot}/callback/${id}/${callbackToken(settings.secret, id)}`;
      const path = `/invoice/${encodeURIComponent(id)}/webhook`;
      const { status } = await chargeCall(endpoint, 'POST', path, { url });
      if (status !== CREATED) throw refused(`it answers ${status} to a webhook`);
    },
    lookupInvoice: async (id) => {
      const answer = await chargeCall(endpoint, 'GET', `/invoice/${encodeURIComponent(id)}`);
      const parsed = statusAnswer.safeParse(jsonOf(answer));
      return answer.status === OK && parsed.success ? STATES[parsed.data.status] : undefined;
    },
    info: async () => {
      const answer = await chargeCall(endpoint, 'GET', '/info');
      if (answer.status !== OK || jsonOf(answer) === undefined) {
        throw refused(`it answers ${answer.status} to /info`);
      }
      return answer.body;
    },
  };
}

const STATES = { unpaid: 'open', paid: 'settled', expired: 'canceled' } as const;

async function createInvoice(
  endpoint: ChargeEndpoint,
  description: string,
  { amountMsat, expirySeconds, orderId, messageDigest }: GatewayRequest,
): Promise<GatewayInvoice> {
  const answer = await chargeCall(endpoint, 'POST', '/invoice', {
    // As a number, as the peer sends it; bids are bounded by what one holds exactly.
    msatoshi: Number(amountMsat),
    description,
    expiry: expirySeconds,
    metadata: { uuid: orderId, sha256_message_digest: messageDigest },
  });
  if (answer.status !== CREATED) throw refused(`it answers ${answer.status} to an invoice`);
  const parsed = invoiceAnswer.safeParse(jsonOf(answer));
  // It says that it made one, and not which.
  if (!parsed.success) throw LightningError.unknown('Lightning Charge gives no id of an invoice');
  const { id, payreq: bolt11 = '', rhash: paymentHash } = parsed.data;
  return { id, bolt11, paymentHash, answer: parsed.data };
}

function refused(what: string): LightningError {
  return LightningError.refused('bad_request', `Lightning Charge: ${what}`);
}

function jsonOf({ body }: ChargeAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
