import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LightningError } from '../../../../adapters/lightning/port.js';
import {
  type Held,
  holdInvoice,
  type PayeeInvoice,
  SATS,
  sending,
  type World,
} from './world.helper.js';

interface Step {
  readonly what: 'send' | 'lose' | 'park' | 'double' | 'release' | 'succeed' | 'fail' | 'hang';
  readonly invoice: number;
}

interface HoldStep {
  readonly what: 'part' | 'pay' | 'settle' | 'cancel' | 'mine' | 'time_out';
  readonly invoice: number;
}

const steps = fc.array(
  fc.oneof(
    fc.record<Step | HoldStep>({
      what: fc.constantFrom('send', 'lose', 'park', 'double', 'release', 'succeed', 'fail', 'hang'),
      invoice: fc.nat({ max: 1 }),
    }),
    fc.record<Step | HoldStep>({
      what: fc.constantFrom('part', 'pay', 'settle', 'cancel', 'mine', 'time_out'),
      invoice: fc.nat({ max: 1 }),
    }),
  ),
  { minLength: 1, maxLength: 20 },
);

/** Whatever is refused or unknown is part of the game. */
async function tolerating(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof LightningError)) throw error;
  });
}

/** A row of each kind: invoices of a payee, and hold invoices of ours. */
interface Table {
  readonly minted: readonly PayeeInvoice[];
  readonly holds: readonly Held[];
}

async function perform(
  world: World,
  { what, invoice }: Step | HoldStep,
  { minted, holds }: Table,
): Promise<unknown> {
  const [outgoing, incoming] = [minted[invoice], holds[invoice]];
  if (outgoing === undefined || incoming === undefined) throw new Error('a step on no invoice');
  const { hash, preimage, invoice: own } = incoming;
  switch (what) {
    case 'send':
      return tolerating(world.node.sendPayment(sending(outgoing)));
    case 'lose':
    case 'park':
    case 'double':
      await world.fault('sendPayment', what);
      return tolerating(world.node.sendPayment(sending(outgoing)));
    case 'release':
      return world.release();
    case 'succeed':
    case 'fail':
    case 'hang':
      return world.decide(outgoing.hash, what);
    case 'part':
      return tolerating(world.pay(own.bolt11, { partMsat: SATS(40) }));
    case 'pay':
      return tolerating(world.pay(own.bolt11));
    case 'settle':
      return tolerating(world.node.settleInvoice(preimage));
    case 'cancel':
      return tolerating(world.node.cancelInvoice(hash));
    case 'mine':
      return world.mine(33);
    case 'time_out':
      return world.letSetTimeOut(hash);
  }
}

/** What the node lost for an outgoing payment and gained by an incoming one, by its own account. */
async function moved(world: World, { minted, holds }: Table): Promise<bigint> {
  let sum = 0n;
  for (const { hash } of minted) {
    const payment = await world.node.lookupPayment(hash);
    const received = await world.receivedByPayee(hash);
    expect(received).toBe(payment?.state === 'succeeded' ? payment.amountMsat : 0n);
    const successes = (await world.node.journal(hash)).filter(({ state }) => state === 'succeeded');
    expect(successes).toHaveLength(payment?.state === 'succeeded' ? 1 : 0);
    if (payment !== undefined && payment.state !== 'failed') {
      sum -= payment.amountMsat + payment.feeMsat;
    }
  }
  for (const { hash } of holds) {
    const invoice = await world.node.lookupInvoice(hash);
    if (invoice?.state !== 'settled') continue;
    sum += invoice.receivedMsat;
    expect(await world.stateAtPayer(hash)).toBe('succeeded');
  }
  return sum;
}

/** Over any sequence of sends, faults, holds, settles and blocks. */
export function moneyContract(world: () => World, numRuns: number): void {
  test('no msat is lost or made on any node, and a hash is paid at most once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (stepsOfRun) => {
        const all = await world().totalMsat();
        const { sendableMsat } = await world().node.balance();
        const mint = (): Promise<PayeeInvoice> => world().mint({ amountMsat: SATS(70) });
        const table = {
          minted: [await mint(), await mint()],
          holds: [await holdInvoice(world()), await holdInvoice(world())],
        };
        for (const step of stepsOfRun) await perform(world(), step, table);
        await world().release();
        await world().heal();
        expect(await world().totalMsat()).toBe(all);
        const after = (await world().node.balance()).sendableMsat;
        expect(after - sendableMsat).toBe(await moved(world(), table));
        // What still hangs would time out, and give money back, in a later run.
        for (const { hash } of table.minted) await world().decide(hash, 'fail');
      }),
      { numRuns },
    );
  });
}
