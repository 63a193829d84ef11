import { appendFile, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { z } from 'zod';
import type { Binary } from '../binary.js';
import { ManagedServer } from '../managed-server.js';
import type { LaunchContext } from '../types.js';

/** Of a chain that exists on this machine only. */
export const BTCD_USER = 'quittance';
export const BTCD_PASSWORD = 'regtest';

const connections = new Agent({ keepAlive: true, maxSockets: 1 });

const replySchema = z.object({ result: z.unknown(), error: z.unknown() });

export interface BtcdOptions {
  readonly binary: Binary;
  readonly folder: string;
  readonly rpcPort: number;
  readonly peerPort: number;
  /** Who gets the coins of new blocks; none: blocks cannot be made. */
  readonly miningAddress?: string;
}

/** A Bitcoin node on regtest, that makes a block when it is told to. */
export class Btcd {
  readonly server: ManagedServer;
  #ca: Buffer | undefined;

  constructor(
    private readonly options: BtcdOptions,
    context: Pick<LaunchContext, 'dataDir' | 'env' | 'signal'>,
  ) {
    const { binary, folder } = options;
    this.server = new ManagedServer(
      {
        id: 'btcd',
        name: 'btcd',
        version: binary.version,
        source: 'built',
        command: binary.path,
        args: argumentsOf(options),
        cwd: context.dataDir,
        stopSignal: 'SIGTERM',
        ready: () => this.height(),
        erase: () => rm(folder, { recursive: true, force: true }),
      },
      context,
    );
  }

  get certificate(): string {
    return join(this.options.folder, 'rpc.cert');
  }

  async height(): Promise<number> {
    return z.number().parse(await this.#call('getblockcount', []));
  }

  async mine(blocks: number): Promise<void> {
    const hashes = z.array(z.string()).parse(await this.#call('generate', [blocks]));
    for (const hash of hashes) {
      const block = z.string().parse(await this.#call('getblock', [hash, 0]));
      await appendFile(this.#blocks, `${block}\n`);
    }
  }

  /** Gives it the blocks that it made before: on regtest, btcd deletes its chain at each start. */
  async restore(): Promise<void> {
    const lines = await readFile(this.#blocks, 'utf8').catch(() => '');
    for (const block of lines.split('\n').filter(Boolean)) await this.#call('submitblock', [block]);
  }

  get #blocks(): string {
    return join(this.options.folder, 'blocks.hex');
  }

  async #call(method: string, params: readonly unknown[]): Promise<unknown> {
    const ca = (this.#ca ??= await readFile(this.certificate));
    const body = JSON.stringify({ jsonrpc: '1.0', id: 1, method, params });
    const text = await new Promise<string>((resolve, reject) => {
      const call = request(
        {
          ...{ host: 'localhost', port: this.options.rpcPort, method: 'POST', ca, timeout: 60_000 },
          agent: connections,
          auth: `${BTCD_USER}:${BTCD_PASSWORD}`,
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
          response.on('end', () => resolve(answer));
        },
      );
      call.on('error', reject).on('timeout', () => call.destroy(new Error('btcd: no answer')));
      call.end(body);
    });
    const { result, error } = replySchema.parse(JSON.parse(text));
    if (error !== null) throw new Error(`btcd ${method}: ${JSON.stringify(error)}`);
    return result;
  }
}

function argumentsOf({ folder, rpcPort, peerPort, miningAddress }: BtcdOptions): string[] {
  return [
    '--regtest',
    // Without this it writes a configuration into the home directory.
    `--configfile=${join(folder, 'btcd.conf')}`,
    `--datadir=${join(folder, 'data')}`,
    `--logdir=${join(folder, 'logs')}`,
    `--rpccert=${join(folder, 'rpc.cert')}`,
    `--rpckey=${join(folder, 'rpc.key')}`,
    `--rpcuser=${BTCD_USER}`,
    `--rpcpass=${BTCD_PASSWORD}`,
    `--rpclisten=127.0.0.1:${rpcPort}`,
    `--listen=127.0.0.1:${peerPort}`,
    // Each lnd holds several.
    '--rpcmaxwebsockets=50',
    '--debuglevel=warn',
    ...(miningAddress === undefined ? [] : [`--miningaddr=${miningAddress}`]),
  ];
}
