import type { Command } from 'commander';
import { ConfigError } from '../shared/config.js';

/** A failure shown as one line and what to do next. --debug shows its cause. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Parses and runs the command. A failure is shown as one line, with its stack only with --debug; exit code 1. */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.stderr.write(`${failureText(error, program.opts()['debug'] === true)}\n`);
    process.exitCode = 1;
  }
}

/** The error as a person reads it. */
export function failureText(error: unknown, debug: boolean): string {
  if (debug) return error instanceof Error ? withCauses(error) : String(error);
  if (error instanceof CommandError) return `quittance: ${error.message}\n  next: ${error.next}`;
  if (error instanceof ConfigError) {
    return `quittance: ${error.message}\n  next: docs/configuration.md lists every variable`;
  }
  return `quittance: ${messageOf(error)}\n  next: run it again with --debug to see its stack`;
}

/** Node's connection errors have an empty message; the errors they aggregate say what failed. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(messageOf))].join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

function withCauses(error: Error): string {
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\ncaused by ${withCauses(error.cause)}` : stack;
}
