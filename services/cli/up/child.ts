import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { supervisorMessage } from '../../shared/supervisor.js';

export interface ChildSpec {
  readonly name: string;
  /** The compiled main.js. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its stdout and stderr are appended here. */
  readonly logFile: string;
}

/** One run of one process, from spawn to exit. */
export class Child {
  readonly #process: ChildProcess;
  readonly #startedAt = performance.now();
  /** Where it listens, from its first message. Never settles when it ends before. */
  readonly url: Promise<string>;
  /** How it ended, like `exit code 1` or `SIGKILL`. */
  readonly ended: Promise<string>;

  constructor({ script, env, logFile }: ChildSpec) {
    const log = openSync(logFile, 'a');
    // In its own process group: Ctrl-C reaches only us, and we send SIGTERM. When we are killed, the
    // channel closes and it drains by itself.
    this.#process = spawn(process.execPath, ['--enable-source-maps', script], {
      env,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.url = new Promise((resolve) => {
      this.#process.once('message', (message) => resolve(supervisorMessage.parse(message).url));
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? '?'}`));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Milliseconds since it was spawned. */
  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  get running(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Sends SIGTERM, and SIGKILL when it has not ended after the given time. */
  async stop(graceMs: number): Promise<void> {
    if (!this.running) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    await exit;
    clearTimeout(timer);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
