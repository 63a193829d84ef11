import type { LndChannel } from '../../../adapters/lightning/lnd/channel.js';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import type { Payer } from '../demo/contract.js';
import { CommandError, messageOf } from '../run-command.js';
import { lightningBinaries } from '../servers/lightning/binaries.js';
import { lndConnect } from '../servers/lightning/lnd-connect.js';
import { type LightningNetwork, startNetwork } from '../servers/lightning/network.js';
import { withProgress } from '../servers/progress.js';
import { NotAvailable } from '../servers/resolve-server.js';
import type { Home } from './home.js';

/** A node of lnd that `up` runs, with others beside it that pay and are paid. */
export interface OwnLnd {
  /** For our processes. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it is, for people. */
  readonly about: string;
  readonly payer: Payer;
  /** An lndconnect URI of a third node, which is paid. */
  readonly payeeWallet: string;
  stop(): Promise<void>;
}

interface Options {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts btcd and three nodes on regtest, whose chain and channels are kept in the folder. The first time, Go builds them. */
export async function startOwnLnd({ folder }: Home, options: Options): Promise<OwnLnd> {
  const { report } = options;
  const network = await withProgress(report, 'Lightning: starting btcd and three lnd nodes', () =>
    start(folder, options),
  );
  const { alice } = network;
  const variables = await variablesFor(network);
  const key = variables.QUITTANCE_LIGHTNING_NODE;
  const about = `lnd ${alice.server.version} on regtest at ${alice.files.address}, node ${key.slice(0, 16)}…`;
  report(`Lightning: ${about}; a second node pays it, and a third is paid by it`);
  return {
    about,
    payeeWallet: await lndConnect(network.carol),
    payer: { pay: (bolt11) => payFrom(network.bob.channel, bolt11) },
    variables,
    stop: () => network.stop(),
  };
}

type LndVariables = Readonly<
  Record<
    | 'QUITTANCE_LIGHTNING_BACKEND'
    | 'QUITTANCE_LND_ADDRESS'
    | 'QUITTANCE_LND_CERTIFICATE'
    | 'QUITTANCE_LND_MACAROON'
    | 'QUITTANCE_LIGHTNING_NETWORK'
    | 'QUITTANCE_LIGHTNING_NODE'
    | 'QUITTANCE_PRIVATE_WALLETS',
    string
  >
>;

/** With which our processes use alice. */
export async function variablesFor({
  alice,
}: Pick<LightningNetwork, 'alice'>): Promise<LndVariables> {
  const { address, certificate, macaroon } = alice.files;
  return {
    QUITTANCE_LIGHTNING_BACKEND: 'lnd',
    QUITTANCE_LND_ADDRESS: address,
    QUITTANCE_LND_CERTIFICATE: certificate,
    QUITTANCE_LND_MACAROON: macaroon,
    QUITTANCE_LIGHTNING_NETWORK: 'regtest',
    QUITTANCE_LIGHTNING_NODE: await alice.publicKey(),
    QUITTANCE_PRIVATE_WALLETS: 'allowed',
  };
}

async function start(dataDir: string, options: Options): Promise<LightningNetwork> {
  try {
    const binaries = await lightningBinaries(options);
    return await startNetwork(binaries, { dataDir, ...options });
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    throw new CommandError(
      `lnd cannot be built: ${messageOf(error)}`,
      'install Go 1.25 or later (https://go.dev/dl), or start without --lightning lnd',
      { cause: error },
    );
  }
}

/** Resolves when the payment is on its way or settled. The end of our stream does not end it. */
export async function payFrom(channel: LndChannel, bolt11: string): Promise<void> {
  const first = await channel.first(
    METHODS.sendPayment,
    {
      ...{ payment_request: bolt11, timeout_seconds: 30, fee_limit_msat: '100000', max_parts: 1 },
    },
    ({ status, htlcs }) => status !== 'INITIATED' && (status !== 'IN_FLIGHT' || htlcs.length > 0),
  );
  if (first === undefined || first.status === 'FAILED') {
    throw new Error(`the payment failed: ${first?.failure_reason ?? 'no answer'}`);
  }
}
