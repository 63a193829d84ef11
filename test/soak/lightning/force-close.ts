import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';
import { closeByForce } from './channel-calls.js';

/** Enough for the claim, and for its confirmations. */
const BLOCKS = 12;

interface Closed {
  readonly state: string;
  readonly atPayer: string | undefined;
  readonly onChain: string;
}

/** No relay settles until the channel is being closed: alice then takes the HTLC by the chain, with the preimage. */
export async function forceCloseWhileHeld(
  system: System,
  network: LightningNetwork,
): Promise<Closed> {
  const { alice, bob } = network;
  const author = await system.account('soak-forced', '10000000');
  const post = await author.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'To be zapped by force' }, payment: 'credits' },
  });
  const client = system.client();
  const { action, capability } = await client.openAction({
    ...{ type: 'ZAP', args: { itemId: post.action.result['itemId'] ?? '', sats: 10_000 } },
  });
  const invoice = action.attempts.at(-1)?.invoice;
  if (typeof invoice?.bolt11 !== 'string') throw new Error('no invoice');
  const relays = [system.processes.relay, ...system.parts.seconds].flatMap(({ pid }) => pid ?? []);
  relays.forEach((pid) => process.kill(pid, 'SIGSTOP'));
  try {
    await payFrom(bob.channel, invoice.bolt11);
    const hash = { r_hash: Buffer.from(invoice.hash, 'hex') };
    await waitUntil('the payment to be held', async () => {
      const { state } = await alice.channel.call(METHODS.lookupInvoice, hash);
      return state === 'ACCEPTED';
    });
    await closeByForce(alice, bob);
  } finally {
    relays.forEach((pid) => process.kill(pid, 'SIGCONT'));
  }
  const call = capability === undefined ? {} : { capability };
  const signal = AbortSignal.timeout(60_000);
  const { state } = await client.waitForAction(action.id, { ...call, signal });
  const request = { payment_hash: Buffer.from(invoice.hash, 'hex') };
  const atPayer = await waitUntil(
    'the payer to see the preimage on the chain',
    async () => {
      await network.mine(1);
      const seen = await bob.channel.first(METHODS.trackPayment, request);
      return seen?.status === 'SUCCEEDED' ? 'succeeded' : undefined;
    },
    BLOCKS * 5_000,
  ).catch(() => 'not succeeded');
  const found = await alice.channel.call(METHODS.lookupInvoice, {
    r_hash: Buffer.from(invoice.hash, 'hex'),
  });
  return { state, atPayer, onChain: found.state };
}
