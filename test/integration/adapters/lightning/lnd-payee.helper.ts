import { ChannelCredentials, Client, Metadata } from '@grpc/grpc-js';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import {
  decodeMessage,
  encodeMessage,
  type Fields,
} from '../../../../adapters/lightning/lnd/codec.js';
import type { LndInvoice } from '../../../../adapters/lightning/lnd/messages.js';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import type { Lnd } from '../../../../services/cli/servers/lightning/lnd.js';
import { toMsat, type Msat } from '../../../../domain/money.js';
import { OTHERS } from './lnd-others.helper.js';
import { newSecret, type Outcome, type PayeeInvoice } from './world.helper.js';

type HtlcAsked = z.output<typeof OTHERS.htlcModifier.answer>;

interface Minted {
  readonly preimage: string;
  outcome: Outcome;
}

/**
 * A node that accepts, refuses or keeps what is paid to it. Its invoices are hold invoices; an HTLC to be refused is taken out by the
 * interceptor, which leaves the invoice open.
 */
export class LndPayee {
  readonly #minted = new Map<string, Minted>();
  readonly #stop = new AbortController();

  constructor(private readonly payee: Lnd) {}

  /** Resolves once lnd asks it about HTLCs. */
  async start(): Promise<void> {
    const { address, certificate, macaroon } = this.payee.files;
    const client = new Client(
      address.replace('127.0.0.1', 'localhost'),
      ChannelCredentials.createSsl(await readFile(certificate)),
    );
    const metadata = new Metadata();
    metadata.set('macaroon', (await readFile(macaroon)).toString('hex'));
    const modifier = client.makeBidiStreamRequest<Fields, HtlcAsked>(
      OTHERS.htlcModifier.path,
      (fields) => encodeMessage(OTHERS.htlcModifier.request, fields),
      (bytes) => decodeMessage(OTHERS.htlcModifier, bytes),
      metadata,
    );
    modifier.on('error', () => undefined);
    modifier.on('data', (asked: HtlcAsked) => {
      const isRefused = this.#minted.get(asked.invoice.r_hash)?.outcome === 'fail';
      modifier.write({ circuit_key: asked.exit_htlc_circuit_key, cancel_set: isRefused });
    });
    this.#stop.signal.addEventListener('abort', () => client.close());
  }

  async mint(
    amountMsat: Msat,
    outcome: Outcome,
    expirySeconds: number,
    memo = 'pay me',
  ): Promise<PayeeInvoice> {
    const { hash, preimage } = newSecret();
    this.#minted.set(hash, { preimage, outcome });
    const { payment_request: bolt11 } = await this.payee.channel.call(METHODS.addHoldInvoice, {
      ...{ hash: Buffer.from(hash, 'hex'), memo },
      ...{ value_msat: amountMsat.toString(), expiry: expirySeconds.toString(), cltv_expiry: 24 },
    });
    void this.#follow(hash).catch(() => undefined);
    return { hash, bolt11, amountMsat };
  }

  async decide(hash: string, outcome: Outcome): Promise<void> {
    const minted = this.#minted.get(hash);
    if (minted === undefined) return;
    minted.outcome = outcome;
    const { state } = await this.#lookup(hash);
    if (state !== 'ACCEPTED') return;
    if (outcome === 'succeed') await this.#settle(minted);
    if (outcome === 'fail') {
      await this.payee.channel.call(METHODS.cancelInvoice, {
        payment_hash: Buffer.from(hash, 'hex'),
      });
    }
  }

  async received(hash: string): Promise<Msat> {
    const { state, amt_paid_msat: paid } = await this.#lookup(hash);
    return toMsat(state === 'SETTLED' ? paid : 0n);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #follow(hash: string): Promise<void> {
    const request = { r_hash: Buffer.from(hash, 'hex') };
    const { channel } = this.payee;
    for await (const invoice of channel.stream(
      METHODS.subscribeSingleInvoice,
      request,
      this.#stop.signal,
    )) {
      const minted = this.#minted.get(hash);
      if (invoice.state === 'ACCEPTED' && minted?.outcome === 'succeed') await this.#settle(minted);
    }
  }

  async #settle({ preimage }: Minted): Promise<void> {
    await this.payee.channel.call(METHODS.settleInvoice, {
      preimage: Buffer.from(preimage, 'hex'),
    });
  }

  #lookup(hash: string): Promise<LndInvoice> {
    return this.payee.channel.call(METHODS.lookupInvoice, { r_hash: Buffer.from(hash, 'hex') });
  }
}
