import { setTimeout as pause } from 'node:timers/promises';
import { createPool } from '../../../../../db/pool.js';
import { LndNode } from '../../../../../adapters/lightning/lnd/lnd-node.js';
import { LndObserver } from '../../../../../adapters/lightning/lnd/observer.js';
import type { ObservationStore } from '../../../../../adapters/lightning/lnd/journal.js';
import type { NodeEvent, PaymentHash } from '../../../../../adapters/lightning/port.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { LndChannel } from '../../../../../adapters/lightning/lnd/channel.js';
import { transact } from '../../../../../engine/context.js';
import { applyPaymentUpdate } from '../../../../../engine/actions/outgoing/apply-payment.js';
import { askSoon } from '../../../../../engine/payouts/ask-soon.js';
import { makeCall } from '../../../../../engine/incoming/make-call.js';
import type { NodeCallKind } from '../../../../../domain/invoices/node-calls.js';
import type { LightningBinaries } from '../../../../../services/cli/servers/lightning/binaries.js';
import type { LightningNetwork } from '../../../../../services/cli/servers/lightning/network.js';
import { ownHashes } from '../../../../../services/lightning/journal/own-hashes.js';
import { StoredJournal } from '../../../../../services/lightning/journal/stored-journal.js';
import { migratedDatabase } from '../../../../support/empty-database.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ActionFixture } from '../../../engine/actions/fixture.helper.js';
import { LndPayee } from '../lnd-payee.helper.js';
import { LndPayer } from '../lnd-payer.helper.js';
import { lookUp, startLndNetwork } from '../lnd-world.helper.js';
import type { Outcome } from '../world.helper.js';
import { FaultyProxy } from './faulty-proxy.helper.js';
import { HookedChannel } from './hooked-channel.helper.js';

/** Longer than an HTLC takes to leave a channel, once its payment has ended. */
const REST_MS = 300;
/** Of a call of ours over the faulty network. */
const CALL_MS = 2_000;

export interface Observing {
  /** What broke, in order. */
  readonly troubles: readonly unknown[];
  /** Like the end of its process. */
  stop(): Promise<void>;
}

/** The engine on alice, over a proxy that a test may break; bob pays, carol is paid. Without Temporal and NATS. */
export class Stand {
  /** What the next wallets of payees do with a payment. */
  outcome: Outcome = 'succeed';
  #cursor = 0n;

  private constructor(
    readonly network: LightningNetwork,
    readonly proxy: FaultyProxy,
    readonly channel: HookedChannel,
    readonly fixture: ActionFixture,
    readonly node: LndNode,
    readonly journal: StoredJournal,
    readonly payer: LndPayer,
    readonly payee: LndPayee,
    private readonly stops: readonly (() => unknown)[],
  ) {}

  static async start(binaries: LightningBinaries | string): Promise<Stand> {
    if (typeof binaries === 'string') throw new Error(binaries);
    const { network, stop } = await startLndNetwork(binaries);
    const { alice, bob, carol } = network;
    const proxy = await FaultyProxy.start({ host: '127.0.0.1', port: alice.options.rpcPort });
    const files = { ...alice.files, address: `127.0.0.1:${proxy.port}` };
    const channel = new HookedChannel({ ...files, timeoutMs: CALL_MS });
    const database = await migratedDatabase();
    const pool = createPool({
      ...{ connectionString: database.url, max: 4, applicationName: 'journal' },
      onError: () => undefined,
    });
    const journal = new StoredJournal(await alice.publicKey(), pool);
    const node = new LndNode(channel, journal);
    const payee = new LndPayee(carol);
    await payee.start();
    const late: { stand?: Stand } = {};
    const fixture = await ActionFixture.on(database, {
      node,
      wallets: {
        mint: (_, { amountMsat, expirySeconds, memo }) =>
          payee.mint(amountMsat, late.stand?.outcome ?? 'succeed', expirySeconds, memo),
      },
    });
    const direct = new LndNode(alice.channel, journal);
    const payer = new LndPayer(bob, direct, alice);
    const stops = [
      () => payee.stop(),
      () => channel.close(),
      () => proxy.close(),
      stop,
      () => pool.end(),
      () => fixture.close(),
    ];
    const parts = [network, proxy, channel, fixture, node, journal, payer, payee] as const;
    return (late.stand = new Stand(...parts, stops));
  }

  async close(): Promise<void> {
    for (const stop of this.stops) await stop();
  }

  /** Journals what alice does, over a connection of its own, as the watcher's process does. */
  observe(over: (store: ObservationStore) => ObservationStore = (store) => store): Observing {
    const stopping = new AbortController();
    const troubles: unknown[] = [];
    const lnd = new LndChannel({ ...this.network.alice.files, timeoutMs: CALL_MS });
    const { pool } = this.fixture;
    const observer = new LndObserver({
      ...{ lnd, own: ownHashes(pool), store: over(this.journal.over(pool)) },
      onTrouble: (error) => troubles.push(error),
    });
    const running = observer.run(stopping.signal);
    return {
      troubles,
      stop: async () => {
        stopping.abort();
        await running;
        lnd.close();
      },
    };
  }

  /** Applies what the journal has got since the last time, as relays do. */
  async deliver(): Promise<readonly NodeEvent[]> {
    const events = await this.#after();
    for (const event of events) {
      if (event.type === 'invoice') await this.fixture.report(event);
      else {
        const { hash, state, feeMsat, preimage } = event;
        await transact(this.fixture.engine, async (tx) => {
          if (state === 'succeeded' && preimage !== undefined) {
            await applyPaymentUpdate(this.fixture.engine, tx, { hash, state, feeMsat, preimage });
          } else await askSoon(tx, hash);
        });
      }
    }
    return events;
  }

  /** A call of the outbox; what it throws. */
  call(kind: NodeCallKind, hash: PaymentHash): Promise<unknown> {
    return makeCall(this.fixture.engine, kind, hash).catch((error: unknown) => error);
  }

  /** Waits until the call has an effect: it is made again while the outcome is not known, as relays do. */
  async callUntil(kind: NodeCallKind, hash: PaymentHash): Promise<void> {
    await waitUntil(`${kind} to end`, async () => (await this.call(kind, hash)) === undefined);
  }

  states(hash: PaymentHash): Promise<string[]> {
    return this.journal.of(hash).then((events) => events.map(({ state }) => state));
  }

  journaled(hash: PaymentHash, state: string, timeoutMs?: number): Promise<true> {
    return waitUntil(
      `${state} in the journal`,
      async () => ((await this.states(hash)).includes(state) ? true : undefined),
      timeoutMs,
    );
  }

  async heldAtAlice(hash: PaymentHash): Promise<string | undefined> {
    const request = { r_hash: Buffer.from(hash, 'hex') };
    return (await this.network.alice.channel.call(METHODS.lookupInvoice, request)).state;
  }

  async stateAtPayer(hash: PaymentHash): Promise<string | undefined> {
    return (await lookUp(this.network.bob, hash))?.state;
  }

  /** What alice says of a payment of hers, not over the faulty network. */
  async paymentAtAlice(hash: PaymentHash): Promise<string | undefined> {
    return (await lookUp(this.network.alice, hash))?.state;
  }

  async sends(hash: PaymentHash): Promise<(string | null)[]> {
    const { rows } = await this.fixture.pool.query<{ answer: string | null }>(
      'select answer from sends where hash = $1 order by n',
      [hash],
    );
    return rows.map(({ answer }) => answer);
  }

  /** In alice's channels, once nothing is on its way in them. */
  async sendable(): Promise<bigint> {
    const direct = new LndNode(this.network.alice.channel, this.journal);
    let last = -1n;
    return waitUntil('her balance to rest', async () => {
      const { sendableMsat } = await direct.balance();
      const isSame = sendableMsat === last;
      last = sendableMsat;
      await pause(REST_MS);
      return isSame ? sendableMsat : undefined;
    });
  }

  async #after(): Promise<NodeEvent[]> {
    const events: NodeEvent[] = [];
    const enough = new AbortController();
    const last = await this.fixture.pool.query<{ cursor: bigint | null }>(
      'select max(cursor) as cursor from lightning_journal',
    );
    const until = last.rows[0]?.cursor ?? 0n;
    if (until <= this.#cursor) return [];
    for await (const event of this.journal.after(this.#cursor, enough.signal)) {
      events.push(event);
      this.#cursor = event.cursor;
      if (event.cursor >= until) enough.abort();
    }
    return events;
  }
}
