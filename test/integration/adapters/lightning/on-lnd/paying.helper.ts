import { randomBytes } from 'node:crypto';
import type { PaymentHash } from '../../../../../adapters/lightning/port.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { toMsat } from '../../../../../domain/money.js';
import { capabilityOf, type Caller } from '../../../../../engine/accounts/caller.js';
import { openWithdrawal } from '../../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../../engine/context.js';
import { grantSats } from '../../../../../engine/credits/grant-sats.js';
import { setWallet } from '../../../../../engine/payouts/payee-wallets.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ANONYMOUS, zapOf } from '../../../engine/actions/fixture.helper.js';
import type { Outcome } from '../world.helper.js';
import type { Stand } from './stand.helper.js';

type Account = Caller & { kind: 'account' };

export interface Withdrawal {
  readonly id: string;
  readonly hash: PaymentHash;
  readonly account: Account;
}

export interface Zap {
  readonly id: string;
  readonly hash: PaymentHash;
  readonly bolt11: string;
}

/** Flows of money on a stand. */
export class Paying {
  constructor(private readonly at: Stand) {}

  /** 7,000 sats to carol. */
  async withdrawal(outcome: Outcome, expirySeconds = 3600): Promise<Withdrawal> {
    const account = await this.account();
    const { id: accountId, name } = account;
    await transact(this.at.fixture.engine, (tx) =>
      grantSats(tx, { accountId, amountMsat: toMsat(10_000_000n), key: `${name}/sats` }),
    );
    const { hash, bolt11 } = await this.at.payee.mint(toMsat(7_000_000n), outcome, expirySeconds);
    const { view } = await openWithdrawal(this.at.fixture.engine, { bolt11, caller: account });
    return { id: view.id, hash, account };
  }

  /** 1,000 sats to somebody's item; the payee's share goes to a wallet at carol. */
  async wrappedZap(outcome: Outcome): Promise<Zap> {
    const account = await this.account();
    const wallet = {
      kind: 'simulator',
      address: account.name,
      priority: 0,
      enabled: true,
    } as const;
    await transact(this.at.fixture.engine, (tx) =>
      setWallet(tx, this.at.fixture.engine, account.id, { ...wallet, maxPending: null }),
    );
    this.at.outcome = outcome;
    return this.#zap(account);
  }

  /** 1,000 sats by hold invoice; the payee gets credits. */
  async heldZap(): Promise<Zap> {
    return this.#zap(await this.account());
  }

  /** Paid and told to the engine; nothing is done about it yet. */
  async hold({ hash, bolt11 }: Zap, cltvDelta?: number): Promise<void> {
    await this.at.payer.pay(bolt11, cltvDelta === undefined ? {} : { cltvDelta });
    await this.at.journaled(hash, 'held');
    await this.at.deliver();
  }

  /** A held payment that lnd has settled, and whose call has no answer: its end is `settling`. */
  async settledUnanswered(): Promise<{ readonly zap: Zap; readonly settling: Promise<unknown> }> {
    const { at } = this;
    const zap = await this.heldZap();
    await this.hold(zap);
    at.channel.before(METHODS.settleInvoice, () => at.proxy.set('lose_answers'));
    const settling = at.call('settle_invoice', zap.hash);
    await waitUntil('lnd to settle', async () => (await at.heldAtAlice(zap.hash)) === 'SETTLED');
    return { zap, settling };
  }

  /** The call that pays is on its way, and does not come back: it arrives when the proxy delivers it. */
  async sendLate(hash: PaymentHash): Promise<unknown> {
    const { proxy, channel } = this.at;
    channel.before(METHODS.sendPayment, () => proxy.set('park_requests'));
    const calling = this.at.call('send_payment', hash);
    await waitUntil('the request to be under way', () => proxy.isParking);
    proxy.passNew();
    return calling;
  }

  /** The call that pays arrives, and its answer does not. */
  async sendUnanswered(hash: PaymentHash): Promise<unknown> {
    const { proxy, channel } = this.at;
    channel.before(METHODS.sendPayment, () => proxy.set('lose_answers'));
    const answered = await this.at.call('send_payment', hash);
    proxy.heal();
    return answered;
  }

  async state({ id }: { readonly id: string }): Promise<string> {
    return (await this.at.fixture.view(id)).state;
  }

  sats(account: Account): Promise<bigint> {
    return this.at.fixture.balance(account, 'SATS');
  }

  /** Who may cancel it. */
  holder({ id }: { readonly id: string }): Caller {
    return { kind: 'anonymous', capability: capabilityOf(this.at.fixture.engine.secret, id) };
  }

  /** Lets relay and workflow go on until the state is reached. */
  async driveUntil(zap: Zap, state: string): Promise<void> {
    await waitUntil(state, async () => {
      await this.at.deliver();
      await this.at.fixture.drive(zap.id).catch(() => undefined);
      return (await this.state(zap)) === state;
    });
  }

  async account(): Promise<Account> {
    return this.at.fixture.account(`somebody-${randomBytes(6).toString('hex')}`, 1_000_000n);
  }

  async #zap(account: Account): Promise<Zap> {
    const post = await this.at.fixture.open(account, { payment: 'credits' });
    const { itemId = '' } = post.view.result;
    const { view } = await this.at.fixture.open(ANONYMOUS, zapOf(itemId, 1000));
    const invoice = view.attempts.at(-1)?.invoice;
    if (typeof invoice?.bolt11 !== 'string')
      throw new Error(`no invoice: ${JSON.stringify(view.attempts)}`);
    return { id: view.id, hash: invoice.hash, bolt11: invoice.bolt11 };
  }
}
