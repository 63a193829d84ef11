import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import {
  openWithdrawal,
  type OpenWithdrawal,
} from '../../../../engine/actions/outgoing/open-withdrawal.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { transact } from '../../../../engine/context.js';
import { grantSats } from '../../../../engine/credits/grant-sats.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import type { ActionFixture } from './fixture.helper.js';

export type Account = Caller & { kind: 'account' };
type Outcome = Parameters<ActionFixture['wallets']['createInvoice']>[2];

/** Withdrawals on a fixture of actions, to a wallet that is not ours. */
export class Withdrawing {
  #names = 0;

  private constructor(
    readonly fixture: ActionFixture,
    private readonly prefix: string,
  ) {}

  /** Its accounts are named by `prefix`. */
  static async on(fixture: ActionFixture, prefix = 'rich'): Promise<Withdrawing> {
    await fixture.wallets.open({ name: 'payee', balanceMsat: toMsat(0n) });
    return new Withdrawing(fixture, prefix);
  }

  async rich(msat = 1_000_000n): Promise<Account> {
    this.#names += 1;
    const account = await this.fixture.account(`${this.prefix}-${this.#names}`);
    const { id: accountId, name: key } = account;
    await transact(this.fixture.engine, (tx) =>
      grantSats(tx, { accountId, amountMsat: toMsat(msat), key }),
    );
    return account;
  }

  async invoice(
    msat = 100_000n,
    outcome: Outcome = 'succeed',
    expirySeconds = 3600,
  ): Promise<{ readonly hash: PaymentHash; readonly bolt11: string }> {
    const request = { amountMsat: toMsat(msat), expirySeconds, memo: 'to be paid' };
    const invoice = await this.fixture.wallets.createInvoice('payee', request, outcome);
    if (invoice === undefined) throw new Error('there is no payee');
    return invoice;
  }

  open(
    caller: Account,
    bolt11: string,
    over: Partial<OpenWithdrawal> = {},
  ): ReturnType<typeof openWithdrawal> {
    return openWithdrawal(this.fixture.engine, { bolt11, caller, ...over });
  }

  /** The call that pays; what it throws. */
  async send(hash: PaymentHash): Promise<unknown> {
    return makeCall(this.fixture.engine, 'send_payment', hash).catch((error: unknown) => error);
  }

  async sends(hash: PaymentHash): Promise<(string | null)[]> {
    const { rows } = await this.fixture.pool.query<{ answer: string | null }>(
      'select answer from sends where hash = $1 order by n',
      [hash],
    );
    return rows.map(({ answer }) => answer);
  }

  sats(account: Account): Promise<bigint> {
    return this.fixture.balance(account, 'SATS');
  }

  async state({ id }: ActionView): Promise<string> {
    return (await this.fixture.view(id)).state;
  }

  async received(): Promise<bigint> {
    return (await this.fixture.wallets.find('payee'))?.balanceMsat ?? -1n;
  }
}
