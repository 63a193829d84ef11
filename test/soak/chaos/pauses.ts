import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ServerHandle } from '../../../services/cli/servers/types.js';
import type { Supervised } from '../../../services/cli/up/supervised.js';
import type { System } from '../../e2e/system.helper.js';
import type { SeededRandom } from './seeded-random.js';

/** Longer than every lease and every limit of a transaction. */
const PAUSE_MS = 20_000;
/** So that the others still do some work. */
const PAUSED_AT_ONCE = 3;
const MOST_BACKENDS = 10;

/** Stops processes (SIGSTOP) and lets them go on (SIGCONT) after 20 s. */
export class Pauses {
  readonly #paused = new Map<Supervised | ServerHandle, Promise<void>>();
  readonly #over = new AbortController();

  constructor(
    private readonly system: System,
    private readonly random: SeededRandom,
    private readonly report: (kind: string) => void,
  ) {}

  /** A paused server can be neither stopped nor started. */
  includes(target: Supervised | ServerHandle): boolean {
    return this.#paused.has(target);
  }

  /** Returns when the process is stopped, not when it goes on. */
  pauseProcess(): void {
    const target = this.random.pick(this.system.all());
    const { pid } = target;
    if (pid === undefined || !this.#mayPause(target)) return;
    this.report(`pause ${target.spec.name}`);
    this.#pause(target, [pid]);
  }

  async pauseServer(): Promise<void> {
    const { postgres, nats, temporal } = this.system.servers;
    const target = this.random.pick<ServerHandle>([postgres, nats, temporal]);
    const part = this.random.pick(POSTGRES_PARTS);
    const { pid } = target;
    if (pid === undefined || !this.#mayPause(target)) return;
    const pids = target === postgres ? await this.#postgresPids(part, pid) : [pid];
    this.report(`pause ${target.name}${target === postgres ? ` (${part})` : ''}`);
    this.#pause(target, pids);
  }

  /** Lets all go on at once. */
  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#paused.values());
  }

  #mayPause(target: Supervised | ServerHandle): boolean {
    return this.#paused.size < PAUSED_AT_ONCE && !this.includes(target);
  }

  #pause(target: Supervised | ServerHandle, pids: readonly number[]): void {
    const { pid } = target;
    for (const each of pids) signal(each, 'SIGSTOP');
    const paused = pause(PAUSE_MS, undefined, { signal: this.#over.signal })
      .catch(() => undefined)
      .then(() => {
        this.#paused.delete(target);
        // A process that was killed meanwhile has another pid by now.
        if (target.pid === pid) for (const each of pids) signal(each, 'SIGCONT');
      });
    this.#paused.set(target, paused);
  }

  async #postgresPids(part: PostgresPart, postmaster: number): Promise<readonly number[]> {
    if (part === 'postmaster') return [postmaster];
    if (part === 'all processes') return [postmaster, ...(await childrenOf(postmaster))];
    const { rows } = await this.system.pool.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
       order by md5(pid::text || $1) limit $2`,
      [String(this.random.between(1, 1_000_000)), this.random.between(1, MOST_BACKENDS)],
    );
    return rows.map(({ pid }) => pid);
  }
}

const POSTGRES_PARTS = ['backends', 'postmaster', 'all processes'] as const;
type PostgresPart = (typeof POSTGRES_PARTS)[number];

async function childrenOf(parent: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid = NaN, ppid] = line.trim().split(/\s+/).map(Number);
    return ppid === parent ? [pid] : [];
  });
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in the meantime.
  }
}
