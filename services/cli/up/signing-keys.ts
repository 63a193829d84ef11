import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Environment } from '../../shared/config.js';
import { newKeyPair, parseSigningKey, publicTextOf } from '../../shared/signatures/keys.js';
import { writePrivate } from './home.js';

const VARIABLES = ['PAYMENTS', 'CONFIRMATIONS'].map((stream) => ({
  signing: `QUITTANCE_${stream}_SIGNING_KEY`,
  public: `QUITTANCE_${stream}_PUBLIC_KEYS`,
}));

type Variables = Readonly<Record<string, string>>;

/** The variables for signing and verifying: those that were given, and new keys for the others. */
export function signingVariables(given: Environment): Variables {
  return Object.fromEntries(VARIABLES.flatMap((names) => variablesOf(names, given)));
}

function variablesOf(
  names: (typeof VARIABLES)[number],
  given: Environment,
): (readonly [name: string, value: string])[] {
  const signing = given[names.signing]?.trim() ?? '';
  const known = given[names.public]?.trim() ?? '';
  if (known !== '') {
    return [[names.public, known], ...(signing === '' ? [] : [[names.signing, signing] as const])];
  }
  const pair = newKeyPair(1);
  const key = parseSigningKey(signing);
  if (key === undefined)
    return [
      [names.signing, pair.signing],
      [names.public, pair.public],
    ];
  return [
    [names.signing, signing],
    [names.public, publicTextOf(key)],
  ];
}

/** The same, kept in a file: messages outlive a restart. */
export async function keptSigningVariables(file: string, given: Environment): Promise<Variables> {
  const kept = await readKept(file);
  const variables = signingVariables({ ...kept, ...withoutEmpty(given) });
  await writePrivate(file, `${JSON.stringify(variables, undefined, 2)}\n`);
  return variables;
}

async function readKept(file: string): Promise<Variables> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

function withoutEmpty(given: Environment): Environment {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => (value ?? '').trim() !== ''),
  );
}
