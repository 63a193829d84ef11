import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { ADMIN } from '../../../services/cli/servers/lightning/lnd-admin.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import type { System } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';
import { openZap, postOf, stopSettling } from './slots.js';
import { statesOf, untilEnded } from './states.js';
import { channelBetween, closeByForce, connect } from './channel-calls.js';
import { addHoldInvoice, type HoldInvoice, invoiceState, paymentState } from './hold-invoices.js';

/** As `openChannels` opens it. */
const CHANNEL_SATS = 16_000_000;
const CONFIRMATIONS = 6;
const WAIT_MS = 60_000;
/** Longer than a link takes to be active, and to fail. */
const FAILS_MS = 10_000;

/** In one commitment or two: what comes while the first is on its way, comes in the second. */
const TOGETHER = 6;
const AMOUNT_MSAT = 5_000_000n;
const ZAP_SATS = 10_000;

/**
 * lnd 0.21.2 numbers what it replays of a commitment's HTLCs anew, without those that are settled (htlcswitch/link.go, processRemoteAdds:
 * `idx` counts unackedAdds). So a payment that is held while a peer reconnects, after one that came with it was settled, is noted as settled
 * under the number of that one. The next reconnection finds it not settled, settles what is not there any more, and fails the link, as does
 * each one after it. Gives whether alice's link to bob stays inactive then.
 */
async function breakLink({ alice, bob }: LightningNetwork): Promise<boolean> {
  const invoices: HoldInvoice[] = [];
  for (let n = 0; n < TOGETHER; n += 1) invoices.push(await addHoldInvoice(alice, AMOUNT_MSAT));
  // While she answers nothing, bob keeps what he has to add for his next commitment.
  const pid = alice.server.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await Promise.all(invoices.map(({ bolt11 }) => payFrom(bob.channel, bolt11))).finally(() =>
    process.kill(pid, 'SIGCONT'),
  );
  for (const { hash } of invoices) {
    await waitUntil('held', async () => (await invoiceState(alice, hash)) === 'ACCEPTED', WAIT_MS);
  }
  const htlcs = (await channelBetween(alice, bob))?.pending_htlcs ?? [];
  const indexOf = ({ hash }: HoldInvoice): bigint =>
    htlcs.find(({ hash_lock: lock }) => lock === hash)?.htlc_index ?? 0n;
  invoices.sort((a, b) => (indexOf(a) < indexOf(b) ? -1 : 1));
  const settle = async ({ preimage, hash }: HoldInvoice): Promise<void> => {
    await alice.channel.call(METHODS.settleInvoice, { preimage });
    await waitUntil('paid', async () => (await paymentState(bob, hash)) === 'SUCCEEDED', WAIT_MS);
  };
  // Both restarts are clean. A peer with a channel is disconnected by nothing else that lnd offers.
  const failsAfterRestart = async (): Promise<boolean> => {
    await alice.server.stop();
    await alice.server.start();
    const isActive = async (): Promise<boolean> => {
      await connect(alice, bob).catch(() => undefined);
      return (await channelBetween(alice, bob))?.active ?? false;
    };
    // It is active for a moment, before it replays what it has.
    const was = await waitUntil('to be active', isActive, FAILS_MS).catch(() => false);
    const fails = async (): Promise<boolean> => !(await isActive());
    return !was || waitUntil('the link to fail', fails, FAILS_MS).catch(() => false);
  };
  // Every other one, so that some are left behind one that is settled, wherever the second commitment begins.
  for (const one of invoices.filter((_, n) => n % 2 === 0)) await settle(one);
  if (await failsAfterRestart()) throw new Error('the link is not active after one reconnection');
  for (const one of invoices.filter((_, n) => n % 2 === 1)) await settle(one);
  return failsAfterRestart();
}

/** What docs/lightning.md says to do about such a link: closed by force, what is held in it is settled by the chain. */
export async function replaceChannel(network: LightningNetwork): Promise<void> {
  const { alice, bob, mine } = network;
  await closeByForce(alice, bob);
  await mine(CONFIRMATIONS);
  await waitUntil(
    'a channel to be opened',
    async () => {
      await connect(alice, bob).catch(() => undefined);
      const request = {
        ...{ sat_per_vbyte: '2', node_pubkey: Buffer.from(await bob.publicKey(), 'hex') },
        ...{ local_funding_amount: CHANNEL_SATS, push_sat: CHANNEL_SATS / 2 },
      };
      return alice.channel.call(ADMIN.openChannel, request).then(
        () => true,
        () => false,
      );
    },
    WAIT_MS,
  );
  await mine(CONFIRMATIONS);
  await network.reconnect();
}

interface OverBrokenLink {
  readonly isBroken: boolean;
  readonly state: string;
  readonly atPayer: string | undefined;
}

/** A zap is held in the channel whose link breaks; it is settled once the channel is closed, and the payer learns the preimage from the chain. */
export async function heldInBrokenLink(
  system: System,
  network: LightningNetwork,
): Promise<OverBrokenLink> {
  const { alice, bob } = network;
  const zap = await openZap(system, await postOf(system, 'broken-author'), ZAP_SATS);
  const goOn = stopSettling(system);
  let isBroken: boolean;
  try {
    await payFrom(bob.channel, zap.bolt11);
    const isHeld = async (): Promise<boolean> =>
      (await invoiceState(alice, zap.hash)) === 'ACCEPTED';
    await waitUntil('held', isHeld, WAIT_MS);
    isBroken = await breakLink(network);
    await replaceChannel(network);
  } finally {
    goOn();
  }
  await untilEnded(system, [zap.id], WAIT_MS);
  const atPayer = await waitUntil(
    'the payer to see the preimage on the chain',
    async () => {
      await network.mine(1);
      const state = await paymentState(bob, zap.hash);
      return state === 'IN_FLIGHT' ? undefined : state;
    },
    WAIT_MS,
  );
  return { isBroken, state: (await statesOf(system, [zap.id]))[0] ?? '', atPayer };
}
