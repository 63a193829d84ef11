import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { tailOf } from '../../services/cli/servers/log-file.js';
import {
  binariesFromNpm,
  type PostgresBinaries,
} from '../../services/cli/servers/postgres/binaries.js';
import { postgresHome, type PostgresHome } from '../../services/cli/servers/postgres/home.js';
import { initialise } from '../../services/cli/servers/postgres/initialise.js';
import { runProgram } from '../../services/cli/servers/run-program.js';
import { SOURCES } from '../../services/cli/servers/types.js';
import { newPort } from '../../services/shared/free-port.js';
import { waitUntil } from './wait-until.js';

const HOST = '127.0.0.1';
const READY_MS = 60_000;

export type PostgresSettings = Readonly<Record<string, string | number>>;

/** A PostgreSQL of a test, with a data folder and a port of its own: killed, copied, promoted, restored. */
export class OwnPostgres {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly home: PostgresHome,
    private readonly binaries: PostgresBinaries,
    readonly port: number,
  ) {}

  /** Not started yet, and without data. `port`: of another one that does not run any more. `diskMib`: on a disk of that size. */
  static async create(port?: number, diskMib?: number): Promise<OwnPostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'quittance-own-postgres-'));
    if (diskMib !== undefined) await mountTmpfs(folder, diskMib);
    await chmod(folder, 0o711);
    const context = {
      ...{ dataDir: folder, durable: true, env: process.env, allowed: SOURCES },
      ports: { postgres: 0, nats: 0, temporal: 0, temporalUi: 0 },
      report: () => undefined,
      signal: new AbortController().signal,
    };
    const home = await postgresHome(context);
    const binaries = await binariesFromNpm(context, home);
    return new OwnPostgres(folder, home, binaries, port ?? (await newPort(HOST)));
  }

  /** With an empty database `quittance`, started. `diskMib`: see {@link canMountTmpfs}. */
  static async start(settings: PostgresSettings = {}, diskMib?: number): Promise<OwnPostgres> {
    const server = await OwnPostgres.create(undefined, diskMib);
    await initialise(server.binaries, server.home, { durable: true });
    await server.configure(settings);
    await server.start();
    await server.query('create database quittance', [], 'postgres');
    return server;
  }

  /** The data folder. */
  get data(): string {
    return this.home.data;
  }

  urlOf(database = 'quittance', port = this.port): string {
    return `postgres://postgres@${HOST}:${port}/${database}`;
  }

  /** Adds to postgresql.conf, where the last line of a name counts. */
  async configure(settings: PostgresSettings): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    await appendFile(join(this.data, 'postgresql.conf'), lines.join(''));
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    this.spawn();
    await waitUntil('PostgreSQL answers', () => this.answers(), READY_MS);
  }

  spawn(): void {
    const settings = {
      ...{ port: this.port, listen_addresses: HOST, unix_socket_directories: '' },
      ...{ max_connections: 300, log_destination: 'stderr', logging_collector: 'off' },
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { user } = this.home;
    const log = openSync(this.#log, 'a');
    this.#process = spawn(
      join(this.binaries.folder, 'postgres'),
      ['-D', this.data, ...args],
      // It refuses to run as root.
      {
        ...{
          cwd: '/',
          stdio: ['ignore', log, log],
          env: { PATH: process.env['PATH'], LC_ALL: 'C' },
        },
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      },
    );
    closeSync(log);
  }

  /** The end of what it has logged. */
  async lastWords(): Promise<string> {
    return tailOf(this.#log, 0);
  }

  /** Signals the postmaster, and with SIGSTOP, SIGCONT and SIGKILL also its backends, as a machine that is gone. */
  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGINT'): Promise<void> {
    const running = this.#process;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) {
      return;
    }
    const exit = once(running, 'exit');
    const pids = signal === 'SIGINT' ? [] : await childrenOf(running.pid);
    for (const pid of [running.pid, ...pids]) killQuietly(pid, signal);
    if (signal !== 'SIGKILL' && signal !== 'SIGINT') return;
    await exit;
    this.#process = undefined;
  }

  /** Leaves no room on its disk: the same folder has a file that takes the rest. */
  async fillDisk(): Promise<void> {
    await runProgram('/bin/sh', [
      '-c',
      'cat /dev/zero > "$1" 2>/dev/null; sync "$1"',
      'sh',
      this.#ballast,
    ]);
  }

  async makeRoom(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** Ends what is left of it, and starts it again. */
  async restart(): Promise<void> {
    await this.signal('SIGKILL');
    await this.start();
  }

  /** Whether it answers at all. */
  answers(): Promise<boolean> {
    return this.query('select 1', [], 'postgres').then(
      () => true,
      () => false,
    );
  }

  /** Whether it answers and takes writes. */
  async isPrimary(): Promise<boolean> {
    const rows = await this.query<{ standby: boolean }>(
      'select pg_is_in_recovery() as standby',
      [],
      'postgres',
    ).catch(() => []);
    return rows[0]?.standby === false;
  }

  async promote(): Promise<void> {
    await this.query('select pg_promote(true, 60)', [], 'postgres');
    await waitUntil('the standby is promoted', () => this.isPrimary(), READY_MS);
  }

  async query<R extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
    database = 'quittance',
  ): Promise<R[]> {
    const client = new pg.Client({
      ...{ connectionString: this.urlOf(database), connectionTimeoutMillis: 2_000 },
      ...{ query_timeout: 70_000, application_name: 'quittance-own-postgres' },
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<R>(sql, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** A base backup into the data folder of another server, which must not run. PostgreSQL's own functions: no other program is needed. */
  async backUpTo(other: OwnPostgres): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres') });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(`select pg_backup_start('copy', true)`);
      await other.#copyFrom(this.data);
      const { rows } = await client.query<{ labelfile: string }>(
        'select labelfile from pg_backup_stop(true)',
      );
      await writeFile(join(other.data, 'backup_label'), rows[0]?.labelfile ?? '');
      await other.#own();
    } finally {
      await client.end();
    }
  }

  /** Makes a file of the data folder, such as `standby.signal`. */
  async touch(name: string): Promise<void> {
    await writeFile(join(this.data, name), '');
    await this.#own();
  }

  /** A folder beside the data, for PostgreSQL's user. */
  async folderFor(name: string): Promise<string> {
    const path = join(this.home.folder, name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { user } = this.home;
    if (user !== undefined) await chown(path, user.uid, user.gid);
    return path;
  }

  async remove(): Promise<void> {
    await this.signal('SIGCONT');
    await this.signal('SIGKILL');
    await rm(this.data, { recursive: true, force: true });
    await runProgram('umount', [this.folder]).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  get #log(): string {
    return join(this.folder, 'postgres.log');
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }

  async #copyFrom(data: string): Promise<void> {
    await rm(this.data, { recursive: true, force: true });
    await mkdir(this.data, { mode: 0o700 });
    // Files that vanish while they are copied belong to what the log brings again.
    const copy = `cd "$1" && tar -cf - --warning=no-file-changed --warning=no-file-removed --ignore-failed-read \
      --exclude=./postmaster.pid --exclude=./postmaster.opts --exclude='./pg_wal/*' --exclude='./pg_replslot/*' . \
      | tar -xf - -C "$2"`;
    await runProgram('/bin/sh', ['-c', copy, 'sh', data, this.data]);
    for (const name of ['archive_status', 'summaries']) {
      await mkdir(join(this.data, 'pg_wal', name), { recursive: true, mode: 0o700 });
    }
    await this.#own();
  }

  async #own(): Promise<void> {
    const { user } = this.home;
    if (user === undefined) return;
    await runProgram('chown', ['-R', `${user.uid}:${user.gid}`, this.data]);
  }
}

/** Whether this user may mount a disk in memory, which can be full without hurting anybody. */
export async function canMountTmpfs(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-tmpfs-'));
  try {
    await mountTmpfs(folder, 1);
    await runProgram('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function mountTmpfs(folder: string, mib: number): Promise<void> {
  await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0711`, 'tmpfs', folder]);
}

/** The backends of a postmaster. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await runProgram('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => '');
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [Number(line)]));
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
