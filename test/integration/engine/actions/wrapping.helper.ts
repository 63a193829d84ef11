import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { type PayeeWallets, WalletError } from '../../../../adapters/lightning/wallets/port.js';
import { toMsat } from '../../../../domain/money.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import type { ActionView, OpenAction } from '../../../../engine/actions/contract.js';
import { type EngineContext, transact } from '../../../../engine/context.js';
import { setWallet } from '../../../../engine/payouts/payee-wallets.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { ActionFixture, ANONYMOUS, zapOf } from './fixture.helper.js';

type Outcome = Parameters<ActionFixture['wallets']['createInvoice']>[2];
type Account = Caller & { kind: 'account' };

/** Payees with wallets that mint as a test wants, and zaps that are paid to them. */
export class Wrapping {
  readonly outcomes = new Map<string, Outcome>();
  readonly broken = new Set<string>();
  /** In whole sats below what was asked for. */
  readonly shorter = new Map<string, bigint>();
  memo: string | undefined;
  /** That wallets put into what they mint, in place of a text. */
  descriptionHash: string | undefined;
  expirySeconds: number | undefined;
  /** Runs once, when the next wallet is asked to mint. */
  beforeMint: (() => Promise<void>) | undefined;
  #names = 0;

  private constructor(readonly fixture: ActionFixture) {}

  static async create(overrides: Partial<EngineContext> = {}): Promise<Wrapping> {
    const late: { wrapping?: Wrapping } = {};
    const wallets: PayeeWallets = {
      mint: (wallet, request) => {
        if (late.wrapping === undefined) throw new Error('too early');
        return late.wrapping.#mint(wallet.address, request);
      },
    };
    late.wrapping = new Wrapping(await ActionFixture.create({ wallets, ...overrides }));
    return late.wrapping;
  }

  /** An account with a post, paid to these wallets in their order. */
  async payee(...wallets: readonly string[]): Promise<{ account: Account; itemId: string }> {
    this.#names += 1;
    const account = await this.fixture.account(`payee-${this.#names}`);
    const itemId = await this.fixture.paidPost(account);
    await this.addWallets(account, wallets);
    return { account, itemId };
  }

  async addWallets({ id }: Account, wallets: readonly string[]): Promise<void> {
    for (const [priority, address] of wallets.entries()) {
      await this.fixture.wallets.open({ name: address, balanceMsat: toMsat(0n) });
      const wallet = { kind: 'simulator', address, priority, enabled: true } as const;
      await transact(this.fixture.engine, (tx) =>
        setWallet(tx, this.fixture.engine, id, { ...wallet, maxPending: null }),
      );
    }
  }

  async zap(itemId: string, sats = 1000, over: Partial<OpenAction> = {}): Promise<ActionView> {
    const { view } = await this.fixture.open(ANONYMOUS, { ...zapOf(itemId, sats), ...over });
    return view;
  }

  hashOf(view: ActionView): PaymentHash {
    const hash = view.attempts.at(-1)?.invoice?.hash;
    if (hash === undefined) throw new Error('there is no invoice');
    return hash;
  }

  /** Held, and its workflow and relay as far as they come. */
  async payAndDrive(view: ActionView): Promise<ActionView> {
    await this.fixture.pay(view);
    await this.fixture.deliver();
    await this.fixture.drive(view.id);
    await this.fixture.deliver();
    return this.fixture.view(view.id);
  }

  call(
    kind: 'settle_invoice' | 'cancel_invoice' | 'send_payment',
    hash: PaymentHash,
  ): Promise<unknown> {
    return makeCall(this.fixture.engine, kind, hash).catch((error: unknown) => error);
  }

  async received(wallet: string): Promise<bigint> {
    return (await this.fixture.wallets.find(wallet))?.balanceMsat ?? -1n;
  }

  async tries(view: ActionView): Promise<string[]> {
    const { rows } = await this.fixture.pool.query<{ failure: string }>(
      'select failure from wallet_tries where action_id = $1 order by id',
      [view.id],
    );
    return rows.map(({ failure }) => failure);
  }

  async #mint(
    name: string,
    request: Parameters<PayeeWallets['mint']>[1],
  ): ReturnType<PayeeWallets['mint']> {
    const before = this.beforeMint;
    this.beforeMint = undefined;
    await before?.();
    if (this.broken.has(name)) throw new WalletError('unavailable', 'broken by a test');
    const amountMsat = toMsat(request.amountMsat - (this.shorter.get(name) ?? 0n));
    const { memo = request.memo, expirySeconds = request.expirySeconds, descriptionHash } = this;
    const described = descriptionHash === undefined ? { memo } : { memo: '', descriptionHash };
    const asked = { ...request, amountMsat, ...described, expirySeconds };
    const outcome = this.outcomes.get(name) ?? 'succeed';
    const invoice = await this.fixture.wallets.createInvoice(name, asked, outcome);
    if (invoice === undefined) throw new WalletError('refused', `no wallet ${name}`);
    return invoice;
  }
}
