import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { buildWithGo } from '../../services/cli/servers/go-build.js';
import { runProgram } from '../../services/cli/servers/run-program.js';
import { newPort } from '../../services/shared/free-port.js';
import { OwnPostgres } from './own-postgres.js';
import { waitUntil } from './wait-until.js';

const HOST = '127.0.0.1';
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;
const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;
const READY_MS = 120_000;
const ANY_VERSION = { version: /(\d+)\.(\d+)(?:\.(\d+))?/, minimum: [0] as [number] };

/** Temporal's production server, of the module that also has its command line, on a PostgreSQL of its own. */
export class TemporalOnPostgres {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly programs: { readonly server: string; readonly tool: string },
    readonly postgres: OwnPostgres,
    private readonly port: number,
  ) {}

  /** Builds both programs with Go the first time, which takes minutes. The namespace is not made yet. */
  static async start(): Promise<TemporalOnPostgres> {
    const context = {
      env: process.env,
      report: (line: string): void => void process.stdout.write(`${line}\n`),
      signal: new AbortController().signal,
    };
    const build = async (name: string, goPackage: string): Promise<string> =>
      (await buildWithGo({ goPackage, module: 'temporal' }, { name, ...ANY_VERSION }, context))
        .path;
    const programs = {
      server: await build('temporal-server', 'go.temporal.io/server/cmd/server'),
      tool: await build('temporal-sql-tool', 'go.temporal.io/server/cmd/tools/sql'),
    };
    const folder = await mkdtemp(join(tmpdir(), 'quittance-temporal-'));
    const postgres = await OwnPostgres.start();
    const taken = new Set<number>();
    const port = async (): Promise<number> => {
      const free = await newPort(HOST, taken);
      taken.add(free);
      return free;
    };
    const frontend = await port();
    const server = new TemporalOnPostgres(folder, programs, postgres, frontend);
    const ports: Record<string, readonly [number, number]> = {};
    for (const name of SERVICES) {
      ports[name] = [name === 'frontend' ? frontend : await port(), await port()];
    }
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config', 'test.yaml'), server.#config(ports));
    await writeFile(join(folder, 'dynamic.yaml'), DYNAMIC);
    await server.#makeSchemas();
    await server.run();
    return server;
  }

  get address(): string {
    return `${HOST}:${this.port}`;
  }

  /** Starts the server and waits until it answers. */
  async run(): Promise<void> {
    const { folder, programs } = this;
    this.#process = spawn(
      programs.server,
      ['--root', folder, '--config', 'config', '--env', 'test', '--allow-no-auth', 'start'],
      { stdio: 'ignore' },
    );
    await waitUntil('Temporal answers', () => this.#answers(), READY_MS);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    const exit = once(running, 'exit');
    running.kill('SIGKILL');
    await exit;
    this.#process = undefined;
  }

  /** Everything that it knew is gone: histories, timers, the namespace. */
  async empty(): Promise<void> {
    await this.kill();
    for (const name of Object.keys(DATABASES)) {
      await this.postgres.query(`drop database ${name} with (force)`, [], 'postgres');
    }
    await this.#makeSchemas();
    await this.run();
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.postgres.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #makeSchemas(): Promise<void> {
    for (const [database, schema] of Object.entries(DATABASES)) {
      const tool = (...args: readonly string[]): Promise<string> =>
        runProgram(this.programs.tool, [
          ...['--plugin', 'postgres12', '--endpoint', HOST, '--port', String(this.postgres.port)],
          ...['--user', 'postgres', '--password', 'unused', '--database', database, ...args],
        ]);
      await tool('create-database');
      await tool('setup-schema', '--version', '0.0');
      await tool('update-schema', '--schema-name', `postgresql/v12/${schema}`);
    }
  }

  async #answers(): Promise<boolean> {
    try {
      const connection = await Connection.connect({ address: this.address, connectTimeout: 2_000 });
      await connection.workflowService.getSystemInfo({});
      await connection.workflowService.listNamespaces({});
      await connection.close();
      return true;
    } catch {
      return false;
    }
  }

  #config(ports: Readonly<Record<string, readonly [number, number]>>): string {
    const store = (database: string, connections: number): object => ({
      sql: {
        ...{ pluginName: 'postgres12', databaseName: database, connectProtocol: 'tcp' },
        ...{ connectAddr: `${HOST}:${this.postgres.port}`, user: 'postgres', password: 'unused' },
        ...{ maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' },
      },
    });
    const services = Object.entries(ports).map(([name, [grpcPort, membershipPort]]) => [
      name,
      { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } },
    ]);
    const active = { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' };
    // JSON is YAML.
    return JSON.stringify({
      log: { stdout: true, level: 'error' },
      persistence: {
        ...{ defaultStore: 'facts', visibilityStore: 'lists', numHistoryShards: 4 },
        datastores: { facts: store('temporal', 20), lists: store('temporal_visibility', 5) },
      },
      global: { membership: { maxJoinDuration: '30s', broadcastAddress: HOST } },
      services: Object.fromEntries(services) as object,
      clusterMetadata: {
        ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
        ...{ masterClusterName: 'active', currentClusterName: 'active' },
        clusterInformation: { active: { ...active, rpcAddress: this.address } },
      },
      dcRedirectionPolicy: { policy: 'noop' },
      dynamicConfigClient: { filepath: join(this.folder, 'dynamic.yaml'), pollInterval: '60s' },
    });
  }
}

/** As for the development server, and new search attributes are seen at once. */
const DYNAMIC = `
history.transferProcessorMaxPollRPS: [{value: 2000}]
history.timerProcessorMaxPollRPS: [{value: 2000}]
matching.numTaskqueueReadPartitions: [{value: 1}]
matching.numTaskqueueWritePartitions: [{value: 1}]
system.forceSearchAttributesCacheRefreshOnRead: [{value: true}]
`;
