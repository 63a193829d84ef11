import { z } from 'zod';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { NO_JOURNAL } from '../../../adapters/lightning/lnd/journal.js';
import { LndNode } from '../../../adapters/lightning/lnd/lnd-node.js';
import { checkLnd } from '../../../services/cli/doctor/checks/lnd.js';
import { AT_REST_GRACE_SECONDS, inSnapshot } from '../../../services/cli/doctor/run-checks.js';
import type { Lnd } from '../../../services/cli/servers/lightning/lnd.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import type { System } from '../../e2e/system.helper.js';
import { channelsOf } from './channel-calls.js';

const sums = z.object({ received: z.bigint(), paid: z.bigint(), fees: z.bigint() });

/** What our rows and the nodes say of the money that moved, in msat. */
export class Books {
  private constructor(
    private readonly system: System,
    private readonly network: LightningNetwork,
    private readonly before: { readonly alice: bigint; readonly carol: bigint },
  ) {}

  static async open(system: System, network: LightningNetwork): Promise<Books> {
    const { alice, carol } = network;
    return new Books(system, network, {
      alice: await localOf(alice),
      carol: await localOf(carol),
    });
  }

  /** In any channel, but of what is lost: what would pay for that stays held. */
  async htlcs(): Promise<number> {
    const lost = await this.lost();
    const all = await Promise.all(this.network.nodes.map(htlcsOf));
    return all.flat().filter(({ hash }) => !lost.includes(hash)).length;
  }

  /**
   * Hashes of payments that alice says are in flight, and no channel of hers has: she was killed between noting an HTLC and sending it.
   * She says so for ever, also after further restarts (lnd#5152), so that money stays reserved, and operators are told.
   */
  async lost(): Promise<string[]> {
    const { alice } = this.network;
    const node = new LndNode(alice.channel, NO_JOURNAL);
    const { rows } = await this.system.pool.query<{ hash: string }>(
      `select hash from payments where state = 'open'`,
    );
    const sent = (await htlcsOf(alice)).filter(({ incoming }) => !incoming);
    const inChannels = new Set(sent.map(({ hash }) => hash));
    const lost: string[] = [];
    for (const { hash } of rows) {
      const isInFlight = (await node.lookupPayment(hash))?.state === 'in_flight';
      if (isInFlight && !inChannels.has(hash)) lost.push(hash);
    }
    return lost;
  }

  async lines(): Promise<string[]> {
    const { received, paid, fees } = await this.#sums();
    return [`received ${received} msat, paid ${paid} msat and ${fees} msat in fees`];
  }

  /**
   * Empty when both sides agree to the msat. Alice's balance is compared only where her channel is the one of the beginning: else the
   * chain took its part of it, and each of her invoices and payments is compared.
   */
  async differences(isReplaced = false): Promise<string[]> {
    const { received, paid, fees } = await this.#sums();
    const { alice, carol } = this.network;
    const aliceGot = (await localOf(alice)) - this.before.alice;
    const carolGot = (await localOf(carol)) - this.before.carol - (await this.#paidAndLost());
    const wrong = [
      ...(isReplaced || aliceGot === received - paid - fees
        ? []
        : [`alice has ${aliceGot} msat more, our rows say ${received - paid - fees}`]),
      ...(carolGot === paid ? [] : [`carol has ${carolGot} msat more, our rows say ${paid}`]),
    ];
    const findings = await inSnapshot(this.system.pool, (tx) =>
      checkLnd(
        tx,
        {
          ...{ channel: alice.channel, port: new LndNode(alice.channel, NO_JOURNAL) },
          expected: { lightningNetwork: 'regtest', lightningNode: undefined },
        },
        { outboxKeepHours: 24, graceSeconds: AT_REST_GRACE_SECONDS },
      ),
    );
    const broken = findings.filter(({ verdict }) => verdict !== 'ok');
    return [
      ...wrong,
      ...broken.map(
        ({ check, verdict, ids, note }) => `${check}: ${verdict} ${ids.join(' ')} ${note ?? ''}`,
      ),
    ];
  }

  /** What carol was paid of which alice does not know: the money is still set aside in our rows. */
  async #paidAndLost(): Promise<bigint> {
    const carol = new LndNode(this.network.carol.channel, NO_JOURNAL);
    let sum = 0n;
    for (const hash of await this.lost()) {
      const invoice = await carol.lookupInvoice(hash);
      if (invoice?.state === 'settled') sum += invoice.receivedMsat;
    }
    return sum;
  }

  async #sums(): Promise<z.output<typeof sums>> {
    const { rows } = await this.system.pool.query(
      `select (select coalesce(sum(received_msat), 0)::bigint from invoices where state = 'settled') as received,
         (select coalesce(sum(amount_msat), 0)::bigint from payments where state = 'succeeded') as paid,
         (select coalesce(sum(fee_msat), 0)::bigint from payments where state = 'succeeded') as fees`,
    );
    return sums.parse(rows[0]);
  }
}

async function htlcsOf(
  node: Lnd,
): Promise<{ readonly hash: string; readonly incoming: boolean }[]> {
  const channels = await channelsOf(node);
  return channels.flatMap(({ pending_htlcs: htlcs }) =>
    htlcs.map(({ incoming, hash_lock: hash }) => ({ incoming, hash })),
  );
}

async function localOf({ channel }: Lnd): Promise<bigint> {
  return (await channel.call(METHODS.channelBalance, {})).local_balance;
}
