import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import { paymentOf } from '../../../../adapters/lightning/lnd/convert.js';
import { isNotFound } from '../../../../adapters/lightning/lnd/errors.js';
import { LndNode } from '../../../../adapters/lightning/lnd/lnd-node.js';
import { LndObserver } from '../../../../adapters/lightning/lnd/observer.js';
import type { LightningPort, OutgoingPayment } from '../../../../adapters/lightning/port.js';
import { createPool } from '../../../../db/pool.js';
import {
  type LightningBinaries,
  lightningBinaries,
} from '../../../../services/cli/servers/lightning/binaries.js';
import type { Lnd } from '../../../../services/cli/servers/lightning/lnd.js';
import {
  type LightningNetwork,
  startNetwork,
} from '../../../../services/cli/servers/lightning/network.js';
import { NotAvailable } from '../../../../services/cli/servers/resolve-server.js';
import { StoredJournal } from '../../../../services/lightning/journal/stored-journal.js';
import { buildContext } from '../../../support/build-context.js';
import { migratedDatabase } from '../../../support/empty-database.js';
import { FaultyChannel } from './faulty-channel.helper.js';
import { LndPayee } from './lnd-payee.helper.js';
import { LndPayer } from './lnd-payer.helper.js';
import type { StartedWorld } from './simulator-world.helper.js';
import { SATS } from './world.helper.js';

export interface LndWorld extends StartedWorld {
  readonly network: LightningNetwork;
  readonly channel: FaultyChannel;
}

/** Or why there are none. */
export function lightningBinariesOrReason(): Promise<LightningBinaries | string> {
  // A build takes up to eight minutes.
  const build = process.env['LND_TESTS'] === 'build';
  return lightningBinaries(buildContext(build)).catch((error: unknown) => {
    if (!(error instanceof NotAvailable)) throw error;
    return build ? error.message : 'lnd is not built yet: LND_TESTS=build npm test builds it once';
  });
}

/** Three real nodes: ours is alice; bob pays her, and carol is paid through bob. */
export async function startLndNetwork(binaries: LightningBinaries): Promise<{
  network: LightningNetwork;
  stop: () => Promise<void>;
}> {
  const dataDir = await mkdtemp(join(tmpdir(), 'quittance-lnd-'));
  const context = { dataDir, ...buildContext() };
  const network = await startNetwork(binaries, context);
  const stop = async (): Promise<void> => {
    await network.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { network, stop };
}

export async function lndWorld(binaries: LightningBinaries | string): Promise<LndWorld> {
  if (typeof binaries === 'string') throw new Error(binaries);
  const { network, stop } = await startLndNetwork(binaries);
  const { alice, bob, carol } = network;
  const database = await migratedDatabase();
  const pool = createPool({
    ...{ connectionString: database.url, max: 3, applicationName: 'contract' },
    onError: () => undefined,
  });
  const journal = new StoredJournal(await alice.publicKey(), pool);
  const channel = new FaultyChannel({ ...alice.files, timeoutMs: 10_000 });
  const hashes = new Set<string>();
  const node = remembering(new LndNode(channel, journal), hashes);
  const stopping = new AbortController();
  const observer = new LndObserver({
    ...{ lnd: channel, store: journal.over(pool), onTrouble: () => undefined },
    own: {
      isOwn: (hash) => Promise.resolve(hashes.has(hash)),
      openInvoices: () => Promise.resolve([]),
      openPayments: () => Promise.resolve([]),
    },
  });
  const observing = observer.run(stopping.signal);
  const payee = new LndPayee(carol);
  await payee.start();
  const payer = new LndPayer(bob, node, alice);
  return {
    ...{ network, channel, node },
    wallets: {
      mint: (_, { amountMsat, expirySeconds, memo }) =>
        payee.mint(amountMsat, 'succeed', expirySeconds, memo),
    },
    wallet: { kind: 'simulator', address: 'carol' },
    pay: (bolt11, how) => payer.pay(bolt11, how),
    stateAtPayer: async (hash) => (await lookUp(bob, hash))?.state,
    mint: ({ amountMsat, outcome = 'succeed', expirySeconds = 600 }) =>
      payee.mint(amountMsat, outcome, expirySeconds),
    decide: (hash, outcome) => payee.decide(hash, outcome),
    mine: (blocks) => network.mine(blocks),
    letSetTimeOut: () => Promise.reject(new Error('lnd takes two minutes')),
    totalMsat: () => Promise.resolve(SATS(1)),
    receivedByPayee: (hash) => payee.received(hash),
    fault: (call, fault) => {
      channel.set(call, fault);
      return Promise.resolve();
    },
    release: () => channel.release(),
    lock: () => Promise.reject(new Error('a running lnd cannot be locked')),
    heal: () => {
      channel.heal();
      return Promise.resolve();
    },
    forget: () => Promise.reject(new Error('lnd forgets nothing')),
    close: async () => {
      stopping.abort();
      payee.stop();
      await observing;
      channel.close();
      await stop();
      await pool.end();
      await database.drop();
    },
  };
}

/** What it creates and sends is ours from before the call on. */
function remembering(node: LndNode, hashes: Set<string>): LightningPort {
  const createInvoice = node.createInvoice.bind(node);
  const sendPayment = node.sendPayment.bind(node);
  return Object.assign(node, {
    createInvoice: (request: Parameters<typeof createInvoice>[0]) => {
      if (request.hash !== undefined) hashes.add(request.hash);
      return createInvoice(request);
    },
    sendPayment: (request: Parameters<typeof sendPayment>[0]) => {
      hashes.add(request.expectedHash);
      return sendPayment(request);
    },
  });
}

export async function lookUp({ channel }: Lnd, hash: string): Promise<OutgoingPayment | undefined> {
  const request = { payment_hash: Buffer.from(hash, 'hex') };
  const found = await channel.first(METHODS.trackPayment, request).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  return found && paymentOf(found);
}
