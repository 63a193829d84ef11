import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { supervisorMessage } from '../../../../services/shared/supervisor.js';

const logLine = z.looseObject({ level: z.string(), msg: z.string() });

export interface TinyProcess {
  readonly child: ChildProcess;
  /** Where /readyz is; rejects when the process ends before it listens. */
  readonly url: Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string | null>;
  /** The messages of its log so far. */
  messages(): string[];
  /** The first log line with this message, already written or to come. */
  logged(message: string): Promise<z.output<typeof logLine>>;
  stderr(): string;
}

/** Runs tiny-service.mjs, which gets its commands as IPC messages. */
export function startTiny(env: Readonly<Record<string, string>> = {}): TinyProcess {
  const file = fileURLToPath(new URL('tiny-service.mjs', import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      NATS_URL: 'nats://127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = followLog(child);
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const exit = Promise.all([ended, log.complete]).then(([code]) => code);
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(supervisorMessage.parse(message).url));
    void exit.then((code) => reject(new Error(`it ended (${code ?? 'unknown'}) too early`)));
  });
  // Not every test asks for it.
  url.catch(() => undefined);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, url, exit, stderr: () => stderr, ...log };
}

function followLog(
  child: ChildProcess,
): Pick<TinyProcess, 'messages' | 'logged'> & { complete: Promise<void> } {
  const lines: z.output<typeof logLine>[] = [];
  const waiting = new Set<() => void>();
  if (child.stdout === null) throw new Error('its output is not captured');
  const reader = createInterface(child.stdout).on('line', (line) => {
    lines.push(logLine.parse(JSON.parse(line)));
    for (const look of waiting) look();
  });
  return {
    complete: new Promise((resolve) => reader.once('close', resolve)),
    messages: () => lines.map(({ msg }) => msg),
    logged: (message) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.find(({ msg }) => msg === message);
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
