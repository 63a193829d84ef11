import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { createPool } from '../../db/pool.js';
import { startPostgresAlone } from '../../services/cli/servers/start-servers.js';
import type { DatabaseServer, Servers } from '../../services/cli/servers/types.js';
import type { BenchOptions } from './bench.js';

/** What a part uses that needs only PostgreSQL. A whole {@link Bench} is one too. */
export interface DatabaseBench {
  readonly options: Pick<BenchOptions, 'sizes'>;
  readonly parts: { readonly pool: Pool; readonly servers: Pick<Servers, 'databaseUrl'> };
}

/** PostgreSQL without other servers and processes. */
export class PostgresBench implements DatabaseBench {
  #stopping: Promise<void> | undefined;

  private constructor(
    readonly options: BenchOptions,
    readonly parts: { readonly pool: Pool; readonly servers: DatabaseServer },
    private readonly folder: string,
  ) {}

  static async start(options: BenchOptions): Promise<PostgresBench> {
    const { durable, report } = options;
    const folder = await mkdtemp(join(tmpdir(), 'quittance-bench-'));
    await chmod(folder, 0o711);
    const dataDir = join(folder, 'data');
    const servers = await startPostgresAlone({ dataDir, durable, env: process.env, report });
    const pool = createPool({
      connectionString: servers.databaseUrl,
      max: 2,
      applicationName: 'quittance-bench',
      onError: (error) => report(error.message),
    });
    return new PostgresBench(options, { pool, servers }, folder);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    await this.parts.pool.end();
    await this.parts.servers.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
