import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLog, tailOf } from './log-file.js';
import { writePidFile, type StopSignal } from './pid-file.js';
import type { OsUser } from './run-program.js';
import type { LaunchContext, ServerHandle, Source } from './types.js';
import { untilReady } from './until.js';

/** How to run one server. */
export interface ServerSpec {
  /** Names its log and its pid file. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly source: Source;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly user?: OsUser | undefined;
  /** Stops it gracefully. */
  readonly stopSignal: StopSignal;
  /** Rejects while the server is not ready. */
  readonly ready: () => Promise<unknown>;
  /** Whether to try again after a start that ended with these last log lines. */
  readonly tryAgain?: (log: string) => boolean;
  /** Deletes its data; called while it is stopped. */
  readonly erase: () => Promise<void>;
}

const READY_MS = 60_000;
const STOP_MS = 20_000;

class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
}

/** A server that we run as a child process, in its own process group so that Ctrl-C reaches only us. */
export class ManagedServer implements ServerHandle {
  readonly name: string;
  readonly version: string;
  readonly source: Source;
  #child: ChildProcess | undefined;

  constructor(
    private readonly spec: ServerSpec,
    private readonly context: Pick<LaunchContext, 'dataDir' | 'env' | 'signal'>,
  ) {
    this.name = spec.name;
    this.version = spec.version;
    this.source = spec.source;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.name} is running already`);
    const deadline = Date.now() + READY_MS;
    for (;;) {
      try {
        await this.#startOnce();
        return;
      } catch (error) {
        const again = error instanceof EndedEarly && (this.spec.tryAgain?.(error.message) ?? false);
        if (!again || Date.now() > deadline) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill(this.spec.stopSignal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await this.#ended(child);
    clearTimeout(late);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGKILL');
    await this.#ended(child);
  }

  async empty(): Promise<void> {
    await this.stop();
    await this.spec.erase();
    await this.start();
  }

  async #startOnce(): Promise<void> {
    const { command, args, cwd, user, stopSignal, ready } = this.spec;
    const logFile = join(this.context.dataDir, 'logs', `${this.spec.id}.log`);
    const log = await openLog(logFile);
    const { size: since } = await log.stat();
    const child = spawn(command, args, {
      cwd,
      env: plainEnvironment(this.context.env),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    this.#child = child;
    // Also when it ends by itself later: it can be started again then.
    const early = new AbortController();
    child.once('exit', () => {
      this.#child = undefined;
      early.abort();
    });
    stopOnExit(child, stopSignal);
    try {
      await once(child, 'spawn');
    } catch (error) {
      this.#child = undefined;
      throw error;
    } finally {
      await log.close();
    }
    await writePidFile(this.#pidFile, child.pid ?? 0, stopSignal);
    const signal = AbortSignal.any([early.signal, this.context.signal]);
    try {
      await untilReady(ready, { timeoutMs: READY_MS, signal });
    } catch (error) {
      child.kill('SIGKILL');
      await this.#ended(child);
      this.context.signal.throwIfAborted();
      const tail = await tailOf(logFile, since);
      const what = early.signal.aborted ? 'ended while starting' : String(error);
      const text = `${this.name}: ${what}. The end of ${logFile}:\n${tail}`;
      throw early.signal.aborted ? new EndedEarly(text) : new Error(text, { cause: error });
    }
  }

  async #ended(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.#child = undefined;
    await rm(this.#pidFile, { force: true });
  }

  get #pidFile(): string {
    return join(this.context.dataDir, 'run', `${this.spec.id}.pid`);
  }
}

/** Without the caller's variables, which could change how the servers behave. */
function plainEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PATH: env['PATH'], HOME: env['HOME'], LC_ALL: 'C' };
}

const running = new Map<ChildProcess, StopSignal>();

/** Stops the servers on a process.exit that did not stop them. */
function stopOnExit(child: ChildProcess, stopSignal: StopSignal): void {
  if (running.size === 0) process.once('exit', stopAllNow);
  running.set(child, stopSignal);
  child.once('exit', () => {
    running.delete(child);
    if (running.size === 0) process.off('exit', stopAllNow);
  });
}

function stopAllNow(): void {
  for (const [child, stopSignal] of running) child.kill(stopSignal);
}
