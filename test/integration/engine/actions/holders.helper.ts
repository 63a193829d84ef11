import { capabilityOf, type Caller } from '../../../../engine/accounts/caller.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import type { NodeCallKind } from '../../../../domain/invoices/node-calls.js';
import type { Wrapping } from './wrapping.helper.js';

/** A holder of a lease that is stopped in mid-call, after its rows and before the socket. */
interface Stopped {
  /** Its lease has ended and another has done the work: it goes on all the same. What it throws. */
  goOn(): Promise<unknown>;
}

type Call = 'sendPayment' | 'createInvoice' | 'settleInvoice' | 'cancelInvoice';

/** Two processes that do the same, and what became of it. */
export class Holders {
  constructor(private readonly at: Wrapping) {}

  async stopped(call: Call, work: () => Promise<unknown>): Promise<Stopped> {
    const { before } = this.at.fixture.node;
    let resume: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (resume = resolve));
    let ended: Promise<unknown> = Promise.resolve();
    await new Promise<void>((stop, fail) => {
      before.set(call, () => {
        stop();
        return going;
      });
      ended = work().catch((error: unknown) => error);
      void ended.then(() => fail(new Error(`it ended without ${call}`)));
    });
    return {
      goOn: () => {
        resume();
        return ended;
      },
    };
  }

  call(kind: NodeCallKind, hash: string): Promise<unknown> {
    return makeCall(this.at.fixture.engine, kind, hash).catch((error: unknown) => error);
  }

  /** A zap whose money is held, and nothing done yet; of what its payee does with the payment. */
  async held(wallet: string, outcome: 'succeed' | 'fail' | 'hang'): Promise<ActionView> {
    const { itemId } = await this.at.payee(wallet);
    this.at.outcomes.set(wallet, outcome);
    const view = await this.at.zap(itemId);
    await this.at.fixture.pay(view);
    await this.at.fixture.deliver();
    return view;
  }

  async stateOf({ id }: ActionView): Promise<string> {
    return (await this.at.fixture.view(id)).state;
  }

  losses({ id }: ActionView): Promise<number> {
    return this.at.fixture.count(`legs where action_id = $1 and kind in ('LOSS', 'FEE_LOSS')`, [
      id,
    ]);
  }

  /** What the payer of a zap has got back: true where nothing of it is held or taken any more. */
  async isGivenBack(view: ActionView): Promise<boolean> {
    const payment = await this.at.fixture.wallets.findPayment('payer', this.at.hashOf(view));
    return payment?.state === 'failed';
  }

  holder(view: ActionView): Caller {
    const capability = capabilityOf(this.at.fixture.engine.secret, view.id);
    return { kind: 'anonymous', capability };
  }
}
