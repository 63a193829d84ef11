import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The terminal and npm each send us the same Ctrl-C; a second one by hand takes longer. */
const SAME_SIGNAL_MS = 300;

let interrupted;

/** Throws when a signal came while a step ran: what follows it is not wanted either. */
export function stopIfInterrupted() {
  if (interrupted)
    throw new StepFailed(`stopped by ${interrupted}`, exitCodeOf({ signal: interrupted }));
}

/** A step that did not succeed, and what the whole should exit with. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command with our input and output and gives its exit code. It has a process group of its
 * own, so that a signal reaches it once and only through us; the IPC channel tells it if we die.
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

/** Runs a command quietly; throws with what it wrote when it fails. */
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
  // Rejects where the command cannot be run at all.
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
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** As shells have it: 128 and the signal's number. */
function exitCodeOf({ code, signal }) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
