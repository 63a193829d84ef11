import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection, type StreamInfo } from 'nats';
import { findNatsServer } from '../../services/cli/servers/nats/start.js';
import { SOURCES } from '../../services/cli/servers/types.js';
import { newPort } from '../../services/shared/free-port.js';
import { waitUntil } from './wait-until.js';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

/** Three nats-servers with JetStream, each a process that can be killed and paused. Each has its name as a tag. */
export class NatsCluster {
  readonly #processes = new Map<Name, ChildProcess>();

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly ports: Readonly<Record<Name, { client: number; cluster: number }>>,
  ) {}

  static async start(): Promise<NatsCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'quittance-nats-cluster-'));
    const { path } = await findNatsServer({
      ...{ dataDir: folder, durable: true, env: process.env, allowed: SOURCES },
      ports: { postgres: 0, nats: 0, temporal: 0, temporalUi: 0 },
      report: () => undefined,
      signal: new AbortController().signal,
    });
    const taken = new Set<number>();
    const port = async (): Promise<number> => {
      const free = await newPort('127.0.0.1', taken);
      taken.add(free);
      return free;
    };
    const ports = {
      a: { client: await port(), cluster: await port() },
      b: { client: await port(), cluster: await port() },
      c: { client: await port(), cluster: await port() },
    };
    const cluster = new NatsCluster(path, folder, ports);
    for (const name of NAMES) {
      await writeFile(join(folder, `${name}.conf`), `server_tags: ["${name}"]\n`);
      cluster.startServer(name);
    }
    await waitUntil('JetStream has a leader', () => cluster.#answers(), 60_000);
    return cluster;
  }

  get url(): string {
    return NAMES.map((name) => `nats://127.0.0.1:${this.ports[name].client}`).join(',');
  }

  startServer(name: Name): void {
    const { client, cluster } = this.ports[name];
    const routes = NAMES.map((other) => `nats://127.0.0.1:${this.ports[other].cluster}`);
    const args = [
      ...['-c', join(this.folder, `${name}.conf`)],
      ...['-a', '127.0.0.1', '-p', String(client), '-n', name],
      ...['-js', '-sd', join(this.folder, name)],
      ...['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${cluster}`],
      ...['--routes', routes.join(',')],
    ];
    this.#processes.set(name, spawn(this.program, args, { stdio: 'ignore' }));
  }

  async signal(name: Name, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const process = this.#processes.get(name);
    if (process?.signalCode !== null) return;
    const exit = once(process, 'exit');
    process.kill(signal);
    if (signal === 'SIGKILL') await exit;
  }

  /** The stream as its leader sees it. */
  async stream(name: string): Promise<StreamInfo> {
    return this.#with(async (nc) => (await nc.jetstreamManager()).streams.info(name));
  }

  async leaderOf(stream: string): Promise<Name> {
    const { cluster } = await this.stream(stream);
    const leader = NAMES.find((name) => name === cluster?.leader);
    if (leader === undefined) throw new Error(`${stream} has no leader`);
    return leader;
  }

  /** Whether every copy of the stream is there and has everything. */
  async isWhole(stream: string): Promise<boolean> {
    const { cluster } = await this.stream(stream);
    const replicas = cluster?.replicas ?? [];
    return replicas.length === 2 && replicas.every(({ current, offline }) => current && !offline);
  }

  /** Whether the stream, and each of its durable consumers, has elected a leader: asked of them, on a connection of its own. */
  async hasLeaders(stream: string, durables: readonly string[]): Promise<boolean> {
    return this.#with(async (nc) => {
      const manager = await nc.jetstreamManager({ checkAPI: false, timeout: 300 });
      const asked = durables.map((durable) => manager.consumers.info(stream, durable));
      await Promise.all([manager.streams.info(stream), ...asked]);
      return true;
    }).catch(() => false);
  }

  async stop(): Promise<void> {
    for (const name of NAMES) await this.signal(name, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return this.#with(async (nc) => {
      await (await nc.jetstreamManager()).getAccountInfo();
      return true;
    }).catch(() => false);
  }

  async #with<T>(work: (nc: NatsConnection) => Promise<T>): Promise<T> {
    const nc = await connect({ servers: this.url.split(','), maxReconnectAttempts: 2 });
    try {
      return await work(nc);
    } finally {
      await nc.close();
    }
  }
}
