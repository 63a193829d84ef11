import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { supervisorMessage } from '../../../../services/shared/supervisor.js';

export interface RelayProcess {
  readonly child: ChildProcess;
  /** Where /readyz is. */
  readonly url: string;
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string | null>;
}

/** The built relay, with these servers. */
export async function startRelay(env: Readonly<Record<string, string>>): Promise<RelayProcess> {
  const file = fileURLToPath(new URL('../../../../dist/services/relay/main.js', import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: {
      DATABASE_URL: process.env['DATABASE_URL'] ?? '',
      NATS_URL: process.env['NATS_URL'] ?? '',
      TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'] ?? '',
      QUITTANCE_LOG_LEVEL: 'silent',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(supervisorMessage.parse(message).url));
    void exit.then((code) => reject(new Error(`the relay ended (${code ?? 'unknown'}) too early`)));
  });
  return { child, url, exit };
}

/** The answer of /readyz, ready or not. */
export async function readiness(
  url: string,
): Promise<{ status: number; body: { phase: string; checks: Record<string, string> } }> {
  const response = await fetch(`${url}/readyz`);
  const body = (await response.json()) as { phase: string; checks: Record<string, string> };
  return { status: response.status, body };
}
