import { z } from 'zod';
import type { PaymentHash } from '../port.js';
import { getPublic } from './public-https.js';
import {
  type MintedInvoice,
  type MintInvoice,
  type PayeeWallets,
  type WalletConnection,
  WalletError,
} from './port.js';

/** Of LUD-16: the part before @ has fewer characters than that of a mail address. */
const ADDRESS = /^([a-z0-9\-_.+]{1,64})@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})$/;

const refusalSchema = z.object({ status: z.literal('ERROR'), reason: z.string().optional() });
const httpsUrl = z.url({ protocol: /^https$/ });
/** LUD-06: what the service accepts. */
const payRequestSchema = z.object({
  tag: z.literal('payRequest'),
  callback: httpsUrl,
  minSendable: z.number().int().nonnegative(),
  maxSendable: z.number().int().positive(),
  metadata: z.string(),
});
const mintedSchema = z.object({
  pr: z.string().min(1).max(8_192),
  /** LUD-21; what is no URL is as if it was not offered. */
  verify: httpsUrl.max(2_048).optional().catch(undefined),
});
const verifiedSchema = z.object({ settled: z.boolean() });

export type GetText = (url: URL, signal: AbortSignal) => Promise<string>;

export interface LightningAddressOptions {
  /** For both calls together. */
  readonly timeoutMs: number;
  /** Default: of public addresses only. */
  readonly get?: GetText;
}

/**
 * Payees' wallets that are a Lightning address, name@domain (LUD-16, LUD-06). It can only receive. What it mints is checked by the
 * node's decoding; the memo is the service's own. LUD-21 is for people: our node knows better whether a payment arrived.
 */
export class LightningAddressWallets implements PayeeWallets {
  readonly #get: GetText;

  constructor(private readonly options: LightningAddressOptions) {
    this.#get = options.get ?? getPublic;
  }

  async mint({ address }: WalletConnection, { amountMsat }: MintInvoice): Promise<MintedInvoice> {
    const parts = ADDRESS.exec(address.toLowerCase());
    const [, name = '', domain = ''] = parts ?? [];
    if (parts === null) throw new WalletError('refused', 'not a Lightning address');
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    const offer = await this.#ask(
      new URL(`https://${domain}/.well-known/lnurlp/${encodeURIComponent(name)}`),
      payRequestSchema,
      signal,
    );
    if (amountMsat < BigInt(offer.minSendable) || amountMsat > BigInt(offer.maxSendable)) {
      const range = `${offer.minSendable} to ${offer.maxSendable} msat`;
      throw new WalletError('refused', `it accepts ${range}, not ${amountMsat}`);
    }
    const callback = new URL(offer.callback);
    callback.searchParams.set('amount', amountMsat.toString());
    const { pr: bolt11, verify } = await this.#ask(callback, mintedSchema, signal);
    return { bolt11, ...(verify !== undefined && { verify }) };
  }

  async hasReceived(
    _wallet: WalletConnection,
    _hash: PaymentHash,
    verify: string | null,
  ): Promise<boolean | undefined> {
    if (verify === null) return undefined;
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    return (await this.#ask(new URL(verify), verifiedSchema, signal)).settled;
  }

  async #ask<S extends z.ZodType>(url: URL, answer: S, signal: AbortSignal): Promise<z.output<S>> {
    const json = await this.#get(url, signal)
      .then((text): unknown => JSON.parse(text))
      .catch((cause: unknown) => {
        throw new WalletError('unavailable', `${url.host} does not answer`, { cause });
      });
    const refusal = refusalSchema.safeParse(json);
    if (refusal.success) {
      throw new WalletError('refused', `${url.host}: ${refusal.data.reason ?? 'no reason'}`);
    }
    const read = answer.safeParse(json);
    if (read.success) return read.data;
    throw new WalletError('unavailable', `${url.host} gives no answer that can be read`);
  }
}
