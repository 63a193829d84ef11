import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCredits } from '../../../../services/cli/commands/credits.js';
import { addDeadletters } from '../../../../services/cli/commands/deadletters.js';
import { addAction } from '../../../../services/cli/commands/action.js';

const MAIN = new URL('../../../../dist/services/cli/main.js', import.meta.url).pathname;

/** The error with which the command line refuses arguments; it must not begin to do anything. */
async function refusalOf(...args: readonly string[]): Promise<string> {
  const quiet = { writeErr: () => undefined, writeOut: () => undefined };
  const program = new Command('quittance').exitOverride().configureOutput(quiet);
  addDeadletters(program);
  addCredits(program);
  addAction(program);
  for (const one of [program, ...program.commands.flatMap((group) => [group, ...group.commands])]) {
    one.exitOverride().configureOutput(quiet);
  }
  try {
    await program.parseAsync(['node', 'quittance', ...args]);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'nothing';
}

describe('arguments', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '1e3',
      '0x10',
      '1.5',
      '-1',
      '0',
      ' 1',
      '1 ',
      '١',
      '01',
      '9'.repeat(20),
      'NaN',
      '',
    ),
  );
  const isOption = (text: string): boolean => text.startsWith('-');

  it('that are no whole numbers name no dead letter', async () => {
    const wrong = anything.filter((text) => !/^[1-9]\d{0,15}$/.test(text) && !isOption(text));
    await fc.assert(
      fc.asyncProperty(wrong, async (text) => {
        expect(await refusalOf('deadletters', 'replay', text)).toMatch(
          /^CommanderError: .*not the number/s,
        );
      }),
    );
  });

  it('that are no times set no policy', async () => {
    const times = fc.constantFrom(
      '2027-02-30T00:00:00Z',
      '2027-01-01',
      '2027-01-01T24:00:00Z',
      '9999-12-31T23:59:59-12:00',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, times).filter((text) => !isOption(text)),
        async (text) => {
          const refusal = await refusalOf('credits', 'policy', 'aleph', 'expiration', text);
          expect(refusal).toMatch(/^CommandError: .*is not a time$/s);
        },
      ),
    );
  });

  it('that are no ids name no action', async () => {
    await fc.assert(
      fc.asyncProperty(
        anything.filter((text) => !isOption(text)),
        async (text) => {
          expect(await refusalOf('action', 'show', text)).toMatch(/^CommanderError: .*not the id/s);
        },
      ),
    );
  });
});

it('the version is that of the package', async () => {
  const child = spawn(process.execPath, [MAIN, '--version']);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect([code, errors]).toEqual([0, '']);
});
