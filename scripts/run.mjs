import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The terminal and npm both send us the same Ctrl-C; a second one by hand comes later than this. */
const SAME_SIGNAL_MS = 300;

let interrupted;

/** Throws when a signal came while a step ran: the next steps must not run. */
export function stopIfInterrupted() {
  if (interrupted)
    throw new StepFailed(`stopped by ${interrupted}`, exitCodeOf({ signal: interrupted }));
}

/** A failed step, with the exit code for the whole command. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command with our input and output; returns its exit code. It is in its own process group, so that
 * a signal reaches it once and only through us. Its IPC channel closes when we die.
 */
export async function runPassingSignals(command, args, options) {
  const child = spawn(command, args, {
    ...options,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const stopPassing = passSignals(child);
  try {
    return exitCodeOf(await ended(child));
  } finally {
    stopPassing();
  }
}

/** Runs a command without showing its output. Throws with the output when it fails. */
export async function runQuietly(doing, command, args, options) {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stopPassing = passSignals(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  try {
    const exitCode = exitCodeOf(await ended(child));
    if (exitCode !== 0) throw new StepFailed(`${output.trimEnd()}\n${doing}: failed`, exitCode);
  } finally {
    stopPassing();
  }
}

async function ended(child) {
  // Rejects when the command cannot be run.
  await once(child, 'spawn');
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}

function passSignals(child) {
  const last = new Map();
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      const now = Date.now();
      const again = now - (last.get(signal) ?? 0) < SAME_SIGNAL_MS;
      last.set(signal, now);
      interrupted ??= signal;
      if (!again) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  const stopWatching = watchParent(() => {
    interrupted ??= 'SIGTERM';
    child.kill('SIGTERM');
  });
  return () => {
    stopWatching();
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

const LOOK_MS = 500;

/** npm passes a signal to the shell that it has started us with, and not every shell passes it on: it dies, and we are adopted. */
function watchParent(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** After a signal, 128 plus its number, as in shells. */
function exitCodeOf({ code, signal }) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
