import { OwnPostgres } from './own-postgres.js';
import { findHaproxy, type Haproxy, startHaproxy } from './haproxy.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { waitUntil } from './wait-until.js';

const HOST = '127.0.0.1';
const REPLICATING_MS = 30_000;

export interface PairOptions {
  /** Whether a commit is answered only when the standby has it on its disk. */
  readonly synchronous: boolean;
}

/** A PostgreSQL and its standby behind haproxy, which takes the one that takes writes. */
export class PostgresPair {
  #replication: TcpProxy | undefined;

  private constructor(
    private readonly options: PairOptions,
    readonly proxy: Haproxy,
    public primary: OwnPostgres,
    public standby: OwnPostgres,
  ) {}

  static async start(options: PairOptions): Promise<PostgresPair> {
    const haproxy = await findHaproxy();
    if (haproxy === undefined) throw new Error('haproxy is not installed');
    const primary = await OwnPostgres.start({
      ...{ wal_level: 'replica', max_wal_senders: 8, wal_keep_size: '1GB', hot_standby: 'on' },
    });
    const standby = await OwnPostgres.create();
    const proxy = await startHaproxy(haproxy, [primary, standby]);
    const pair = new PostgresPair(options, proxy, primary, standby);
    await pair.follow();
    return pair;
  }

  /** By way of haproxy. */
  get url(): string {
    return this.primary.urlOf('quittance', this.proxy.port);
  }

  /** Makes the standby, from a base backup, and has it follow the primary. */
  async follow(): Promise<void> {
    await this.primary.backUpTo(this.standby);
    this.#replication = await startTcpProxy({ host: HOST, port: this.primary.port });
    const { port } = this.#replication;
    await this.standby.configure({
      primary_conninfo: `host=${HOST} port=${port} user=postgres application_name=standby`,
      synchronous_standby_names: '',
    });
    await this.standby.touch('standby.signal');
    await this.standby.start();
    if (this.options.synchronous) {
      await this.primary.configure({ synchronous_standby_names: 'ANY 1 (*)' });
      await this.primary.query('select pg_reload_conf()');
    }
    const awaited = this.options.synchronous ? 'quorum' : 'async';
    await waitUntil(
      `the standby follows (${awaited})`,
      async () => {
        const rows = await this.primary.query<{ found: boolean }>(
          `select exists (select from pg_stat_replication where state = 'streaming' and sync_state = $1) as found`,
          [awaited],
        );
        return rows[0]?.found === true;
      },
      REPLICATING_MS,
    );
  }

  /** The standby gets nothing more: what is committed from now on is only at the primary. */
  cutReplication(): void {
    this.#replication?.cut();
  }

  /** The primary is gone, killed or standing still. The standby takes its place. */
  async failOver(how: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    await this.primary.signal(how);
    await this.standby.promote();
    // Nobody may write to the old one: it is fenced.
    if (how === 'SIGSTOP') await this.primary.signal('SIGKILL');
    [this.primary, this.standby] = [this.standby, this.primary];
    await this.#replication?.close();
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.#replication?.close();
    await this.primary.remove();
    await this.standby.remove();
  }
}
