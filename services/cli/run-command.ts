import { type Command, CommanderError } from 'commander';
import { isRefusedInput } from '../../db/errors.js';
import { Refusal } from '../../domain/refusal.js';
import { ConfigError } from '../shared/config.js';
import { EXIT } from './exit-codes.js';

/** A failure shown as one line and what to do next. --debug shows its cause. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  readonly exitCode: number;

  constructor(
    message: string,
    readonly next: string,
    { exitCode = EXIT.broken, ...options }: ErrorOptions & { readonly exitCode?: number } = {},
  ) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/**
 * Parses and runs the command. A failure is shown as one line, with its stack only with --debug. The exit code says whether something is
 * broken or could not be looked at.
 */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has shown what is wrong with the arguments, or the help that was asked for.
      process.exitCode = error.exitCode === 0 ? EXIT.well : EXIT.notLooked;
      return;
    }
    process.stderr.write(`${failureText(error, program.opts()['debug'] === true)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  return error instanceof ConfigError ? EXIT.notLooked : EXIT.broken;
}

/** The error as a person reads it. */
export function failureText(error: unknown, debug: boolean): string {
  if (debug) return error instanceof Error ? withCauses(error) : String(error);
  if (error instanceof CommandError) return `quittance: ${error.message}\n  next: ${error.next}`;
  if (error instanceof ConfigError) {
    return `quittance: ${error.message}\n  next: docs/configuration.md lists every variable`;
  }
  if (error instanceof Refusal) return `quittance: ${error.message}\n  next: look at the arguments`;
  if (isRefusedInput(error)) {
    return `quittance: PostgreSQL refused what was given: ${error.message}\n  next: look at the arguments`;
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
