import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LndChannel } from '../../../../adapters/lightning/lnd/channel.js';
import { METHODS } from '../../../../adapters/lightning/lnd/methods.js';
import type { Binary } from '../binary.js';
import { ManagedServer } from '../managed-server.js';
import type { LaunchContext } from '../types.js';
import { BTCD_PASSWORD, BTCD_USER } from './btcd.js';

export interface LndOptions {
  readonly name: string;
  readonly binary: Binary;
  readonly folder: string;
  readonly rpcPort: number;
  readonly peerPort: number;
  /** On a chain without blocks it never becomes active, but has its wallet. */
  readonly unsynced: boolean;
  /** Without a wallet: it answers nothing else than that. */
  readonly locked?: true;
  readonly btcd: { readonly rpcPort: number; readonly certificate: string };
}

/** Of `adapters/lightning/lnd`: where it is reached, and with what. */
export interface LndFiles {
  readonly address: string;
  readonly certificate: string;
  readonly macaroon: string;
}

/** A Lightning node on regtest, with all rights. */
export class Lnd {
  readonly server: ManagedServer;
  readonly channel: LndChannel;
  readonly files: LndFiles;

  constructor(
    readonly options: LndOptions,
    context: Pick<LaunchContext, 'dataDir' | 'env' | 'signal'>,
  ) {
    const { name, binary, folder, rpcPort, locked = false } = options;
    const certificate = join(folder, 'tls.cert');
    this.files = {
      address: `127.0.0.1:${rpcPort}`,
      certificate,
      // Without a wallet there is none, and its state is told to everybody.
      macaroon: locked
        ? certificate
        : join(folder, 'data', 'chain', 'bitcoin', 'regtest', 'admin.macaroon'),
    };
    this.channel = new LndChannel({ ...this.files, timeoutMs: 20_000 });
    this.server = new ManagedServer(
      {
        id: `lnd-${name}`,
        name: `lnd ${name}`,
        version: binary.version,
        source: 'built',
        command: binary.path,
        args: argumentsOf(options),
        cwd: context.dataDir,
        stopSignal: 'SIGTERM',
        ready: () => this.#active(),
        erase: () => rm(folder, { recursive: true, force: true }),
      },
      context,
    );
  }

  async publicKey(): Promise<string> {
    return (await this.channel.call(METHODS.getInfo, {})).identity_pubkey;
  }

  async #active(): Promise<void> {
    const { state } = await this.channel.call(METHODS.getState, {});
    const { unsynced, locked = false } = this.options;
    const isReady =
      state === 'SERVER_ACTIVE' ||
      (unsynced && state === 'RPC_ACTIVE') ||
      (locked && state === 'NON_EXISTING');
    if (!isReady) throw new Error(`its state is ${state}`);
  }
}

function argumentsOf({ name, folder, rpcPort, peerPort, btcd, locked }: LndOptions): string[] {
  return [
    `--lnddir=${folder}`,
    `--alias=${name}`,
    `--rpclisten=127.0.0.1:${rpcPort}`,
    `--listen=127.0.0.1:${peerPort}`,
    '--norest',
    ...(locked ? [] : ['--noseedbackup']),
    '--nobootstrap',
    '--tlsdisableautofill',
    '--debuglevel=info',
    '--bitcoin.regtest',
    '--bitcoin.node=btcd',
    '--bitcoin.defaultchanconfs=1',
    `--btcd.rpchost=127.0.0.1:${btcd.rpcPort}`,
    `--btcd.rpcuser=${BTCD_USER}`,
    `--btcd.rpcpass=${BTCD_PASSWORD}`,
    `--btcd.rpccert=${btcd.certificate}`,
    '--accept-keysend',
    // A network of three knows itself at once.
    '--trickledelay=50',
    '--gossip.sub-batch-delay=5ms',
    '--caches.rpc-graph-cache-duration=100ms',
  ];
}
