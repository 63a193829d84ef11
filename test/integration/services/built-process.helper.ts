import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { supervisorMessage } from '../../../services/shared/supervisor.js';

export interface BuiltProcess {
  /** Where /healthz, /readyz and /metrics are. Rejects when the process ends before it listens. */
  readonly url: Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string | null>;
  /** Sends the signal, if it still runs, and gives its exit code. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null>;
}

/** One of our processes as it was last built, like `services/worker`, on the servers of the tests. */
export function startBuilt(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): BuiltProcess {
  const main = new URL(`../../../dist/${folder}/main.js`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: {
      DATABASE_URL: process.env['DATABASE_URL'],
      NATS_URL: process.env['NATS_URL'],
      TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'],
      QUITTANCE_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(supervisorMessage.parse(message).url));
    void exit.then((code) => reject(new Error(`${folder} ended (${code ?? '?'}) too early`)));
  });
  // Not every test asks for it.
  url.catch(() => undefined);
  return {
    url,
    exit,
    end: (signal) => {
      child.kill(signal);
      return exit;
    },
  };
}

/** What /readyz answers, ready or not. */
export async function readiness(
  url: string,
): Promise<{ status: number; body: { phase: string; checks: Record<string, string> } }> {
  const response = await fetch(`${url}/readyz`);
  const body = (await response.json()) as { phase: string; checks: Record<string, string> };
  return { status: response.status, body };
}
