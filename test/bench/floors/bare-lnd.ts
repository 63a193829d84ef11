import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  authenticatedLndGrpc,
  type AuthenticatedLnd,
  createHodlInvoice,
  createInvoice,
  getInvoice,
  getWalletInfo,
  payViaPaymentRequest,
  settleHodlInvoice,
  subscribeToInvoice,
} from 'lightning';
import type { Lnd } from '../../../services/cli/servers/lightning/lnd.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';

const SATS = 100;
/** 70 of 100, as a payee of ours gets. */
const PAYEE_SATS = 70;

/** The same calls to the same nodes by npm `lightning`, with nothing else around them. */
export class BareLnd {
  private constructor(
    private readonly network: LightningNetwork,
    private readonly alice: AuthenticatedLnd,
    private readonly carol: AuthenticatedLnd,
  ) {}

  static async connect(network: LightningNetwork): Promise<BareLnd> {
    return new BareLnd(network, await clientOf(network.alice), await clientOf(network.carol));
  }

  /** ms from held to settled, of one that is settled as soon as it is held. */
  hold(): Promise<number> {
    const secret = randomBytes(32);
    const id = createHash('sha256').update(secret).digest('hex');
    return this.#timed(id, async () => {
      await this.#look(id);
      await settleHodlInvoice({ lnd: this.alice, secret: secret.toString('hex') });
    });
  }

  /** ms from held to settled, of one that pays carol in between. */
  async wrapped(): Promise<number> {
    const { id, request } = await createInvoice({ lnd: this.carol, tokens: PAYEE_SATS });
    return this.#timed(id, async () => {
      await this.#look(id);
      const { secret } = await payViaPaymentRequest({ lnd: this.alice, request, max_fee: 3 });
      await settleHodlInvoice({ lnd: this.alice, secret });
    });
  }

  /** The node is asked again before money moves: what is held, and how many blocks are left. */
  async #look(id: string): Promise<void> {
    await Promise.all([getInvoice({ lnd: this.alice, id }), getWalletInfo({ lnd: this.alice })]);
  }

  async #timed(id: string, settle: () => Promise<unknown>): Promise<number> {
    const { request } = await createHodlInvoice({
      ...{ lnd: this.alice, id, tokens: SATS, cltv_delta: 300 },
    });
    let heldAt: number | undefined;
    const settled = new Promise<number>((resolve, reject) => {
      const events = subscribeToInvoice({ lnd: this.alice, id });
      events.on('error', reject);
      events.on('invoice_updated', (invoice: { is_held?: boolean; is_confirmed: boolean }) => {
        if (invoice.is_confirmed) {
          events.removeAllListeners();
          resolve(performance.now() - (heldAt ?? 0));
        } else if (invoice.is_held === true && heldAt === undefined) {
          heldAt = performance.now();
          settle().catch(reject);
        }
      });
    });
    await payFrom(this.network.bob.channel, request);
    return settled;
  }
}

async function clientOf({ files }: Pick<Lnd, 'files'>): Promise<AuthenticatedLnd> {
  const { lnd } = authenticatedLndGrpc({
    cert: (await readFile(files.certificate)).toString('base64'),
    macaroon: (await readFile(files.macaroon)).toString('base64'),
    socket: files.address.replace('127.0.0.1', 'localhost'),
  });
  return lnd;
}
