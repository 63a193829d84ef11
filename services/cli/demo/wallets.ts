import { expectThat } from './steps.js';
import type { DemoSetup } from './setup.js';
import { payAndSee } from './paid-actions.js';

/** A zap whose payee has a wallet: the payment is wrapped, forwarded to the wallet and settled. */
export async function zapToWallet(
  setup: DemoSetup,
  itemId: string,
  address: string,
): Promise<void> {
  const { steps, alice, anonymous } = setup;
  steps.scenario('A zap to a wallet, wrapped');
  await steps.run('alice adds her own lnd, by a macaroon that cannot spend', () =>
    alice.setWallet({ kind: 'lnd', address }),
  );
  const before = await alice.me();
  const { action, capability } = await steps.run(
    'a caller without an account zaps 100 sats and gets an invoice that wraps hers',
    () => anonymous.openAction({ type: 'ZAP', args: { itemId, sats: 100 } }),
    (opened) => opened.action.attempts.at(-1)?.flow ?? 'no flow',
  );
  expectThat(capability !== undefined, 'the answer has no capability');
  expectThat(action.attempts.at(-1)?.flow === 'wrapped', 'it is not wrapped');
  await payAndSee(setup, action, () => anonymous.getAction(action.id, { capability }));
  await steps.run('alice got no credits: her node was paid', async () => {
    const got = BigInt((await alice.me()).creditsMsat) - BigInt(before.creditsMsat);
    expectThat(got === 0n, `she received ${got} msat in credits`);
  });
}
