import type { Command } from 'commander';
import { ConfigError } from '../shared/config.js';

/** A failure that is told in one line, with what to do next; its cause is shown with --debug. */
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

/** Parses and runs; a failure is one clear line and exit code 1, with its stack only if asked. */
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
  return `quittance: ${messageOf(error)}\n  next: run it again with --debug to see where it comes from`;
}

/** Node's connection errors have an empty message: what failed is in their parts. */
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
