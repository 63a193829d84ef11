import { LightningError, type LightningPort } from '../../../../adapters/lightning/port.js';
import type { Lnd } from '../../../../services/cli/servers/lightning/lnd.js';
import { waitUntil } from '../../../support/wait-until.js';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import { OTHERS } from './lnd-others.helper.js';
import { type HowToPay, newSecret } from './world.helper.js';

/** Longer than any test. */
const LONG_MS = 300_000;
/** Where the preimage of a keysend is. */
const KEYSEND_RECORD = '5482373484';

/** Sends HTLCs with exact amounts and heights to a node beside it. */
export class LndPayer {
  /** What was sent of a set that is not complete, by hash. */
  readonly #parts = new Map<string, bigint>();

  constructor(
    private readonly payer: Lnd,
    private readonly node: LightningPort,
    private readonly receiver: Lnd,
  ) {}

  async pay(bolt11: string, { amountMsat, partMsat, cltvDelta }: HowToPay = {}): Promise<void> {
    const { channel } = this.payer;
    const payReq = await channel.call(OTHERS.decode, { pay_req: bolt11 });
    const hash = payReq.payment_hash;
    const total = amountMsat ?? payReq.num_msat;
    const before = this.#parts.get(hash) ?? 0n;
    const sent = partMsat ?? total - before;
    const { route } = await channel.call(OTHERS.buildRoute, {
      amt_msat: sent.toString(),
      final_cltv_delta: cltvDelta ?? Number(payReq.cltv_expiry) + 3,
      hop_pubkeys: [Buffer.from(payReq.destination, 'hex')],
      payment_addr: payReq.payment_addr,
    });
    const mpp = { total_amt_msat: total.toString(), payment_addr: payReq.payment_addr };
    const hops = route.hops.map((hop, n) =>
      n === route.hops.length - 1 ? { ...hop, mpp_record: mpp } : hop,
    );
    const request = { payment_hash: Buffer.from(hash, 'hex'), route: { ...route, hops } };
    // Answers when the HTLC is resolved.
    let failed = false;
    void channel.call(OTHERS.sendToRoute, request, LONG_MS).then(
      ({ status }) => void (failed = status === 'FAILED'),
      () => void (failed = true),
    );
    const complete = before + sent >= total;
    await waitUntil('the HTLC to arrive', async () => {
      if (failed) throw LightningError.refused('invoice_unpayable', 'the HTLC was refused');
      const received = await this.#received(hash);
      const invoice = await this.node.lookupInvoice(hash);
      return complete ? invoice?.state !== 'open' : received >= before + sent;
    });
    this.#parts.set(hash, complete ? 0n : before + sent);
  }

  /** A payment that nobody asked for; its hash. */
  async keysend(amountMsat: bigint): Promise<string> {
    const { preimage, hash } = newSecret();
    const request = {
      ...{ dest: Buffer.from(await this.receiver.publicKey(), 'hex'), timeout_seconds: 10 },
      ...{ amt_msat: amountMsat.toString(), fee_limit_msat: '1000', final_cltv_delta: 83 },
      payment_hash: Buffer.from(hash, 'hex'),
      dest_custom_records: { [KEYSEND_RECORD]: Buffer.from(preimage, 'hex') },
    };
    await this.payer.channel.first(OTHERS.keysend, request, ({ status }) => status === 'SUCCEEDED');
    return hash;
  }

  /** The accepted HTLCs at our node: the port tells them only of a whole set. */
  async #received(hash: string): Promise<bigint> {
    const request = { r_hash: Buffer.from(hash, 'hex') };
    const { htlcs } = await this.receiver.channel.call(METHODS.lookupInvoice, request);
    return htlcs
      .filter(({ state }) => state === 'HTLC_ACCEPTED')
      .reduce((sum, { amt_msat: amount }) => sum + amount, 0n);
  }
}
