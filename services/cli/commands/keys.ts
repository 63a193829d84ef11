import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { newKeyPair } from '../../shared/signatures/keys.js';

const PURPOSES = ['payments', 'confirmations', 'temporal'] as const;
type Purpose = (typeof PURPOSES)[number];

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('keys of our processes');
  keys
    .command('new')
    .description('make a key and print it as variables of the environment; it is kept nowhere')
    .addOption(
      new Option('--for <purpose>', 'messages that it signs, or payloads that it encrypts')
        .choices(PURPOSES)
        .makeOptionMandatory(),
    )
    .option('--key-version <number>', 'its version: higher than that of the key before', version, 1)
    .action((options: { readonly for: Purpose; readonly keyVersion: number }) => {
      for (const line of newKey(options.for, options.keyVersion)) {
        process.stdout.write(`${line}\n`);
      }
    });
}

/** Lines like `NAME=value`, for a file of variables. */
function newKey(purpose: Purpose, ofVersion: number): string[] {
  if (purpose === 'temporal') {
    return [`QUITTANCE_TEMPORAL_CODEC_KEYS=${ofVersion}:${randomBytes(32).toString('hex')}`];
  }
  const pair = newKeyPair(ofVersion);
  const name = `QUITTANCE_${purpose.toUpperCase()}`;
  return [`${name}_SIGNING_KEY=${pair.signing}`, `${name}_PUBLIC_KEYS=${pair.public}`];
}

function version(text: string): number {
  const n = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (n < 1) throw new InvalidArgumentError('a number from 1 to 999999');
  return n;
}
