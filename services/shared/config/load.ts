import type { z } from 'zod';
import { type Environment, namesFile, readGiven } from './given.js';
import { nearest } from './nearest.js';
import type { Needs } from './needs.js';
import { unsafeSettings } from './safe.js';
import {
  propertyOf,
  schema,
  variableNames,
  type Config,
  type ConfigOf,
  type VariableName,
} from './schema.js';

export type { Environment } from './given.js';

/** All problems with the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is refused:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/** Reads the configuration, once at the start of a process. Throws {@link ConfigError}. */
export function loadConfig(env: Environment = process.env, needs: Needs = {}): Config {
  return load(variableNames, env, needs);
}

/**
 * For commands that need only some variables (`migrate` needs no Temporal). Unknown variables are refused
 * here too.
 */
export function loadConfigPart<const N extends VariableName>(
  names: readonly N[],
  env: Environment = process.env,
): ConfigOf<N> {
  return load(names, env);
}

function load<N extends VariableName>(
  names: readonly N[],
  env: Environment,
  { neededInProduction = [], notUsed = [] }: Needs = {},
): ConfigOf<N> {
  // The three say what is allowed; they are looked at even where they are not read.
  const looked = [
    ...names,
    'QUITTANCE_ENV',
    'QUITTANCE_SIMULATORS',
    'QUITTANCE_FAILPOINTS',
  ] as const;
  const { values: given, problems: unreadable } = readGiven(env, [...new Set(looked)]);
  const results = names.map((name) => ({
    name,
    result: schema.shape[name].safeParse(given[name]),
  }));
  const unread = new Set(unreadable.map((problem) => problem.split(/_FILE|[ :]/, 1)[0]));
  const used = names.filter((name) => !notUsed.includes(name));
  const problems = [
    ...unknownVariables(env),
    ...unreadable,
    ...results.flatMap(({ name, result }) => {
      if (result.success || unread.has(name)) return [];
      if (given[name] === undefined && notUsed.includes(name)) return [];
      return [problemWith(name, given[name], result.error)];
    }),
    ...unsafeSettings(used, given).filter((problem) => !unread.has(problem.split(' ', 1)[0])),
    ...missingInProduction(given, neededInProduction),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const entries = results.map(({ name, result }) => [propertyOf(name), result.data]);
  // Each value was parsed by the schema of its name; fromEntries loses that in its type.
  return Object.freeze(Object.fromEntries(entries)) as ConfigOf<N>;
}

function unknownVariables(env: Environment): string[] {
  const known = new Set<string>(variableNames);
  return Object.keys(env)
    .filter((name) => name.startsWith('QUITTANCE_') && !known.has(name) && !namesFile(name))
    .map((name) => {
      const meant = nearest(name, variableNames);
      return `${name} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}

/** Without the value, which may be a secret. */
function problemWith(name: VariableName, value: string | undefined, error: z.ZodError): string {
  if (value === undefined) return `${name} is not set`;
  return `${name}: ${error.issues.map((issue) => issue.message).join('; ')}`;
}

function missingInProduction(
  given: Readonly<Partial<Record<VariableName, string>>>,
  needed: readonly VariableName[],
): string[] {
  if (given.QUITTANCE_ENV !== 'production') return [];
  return needed
    .filter((name) => given[name] === undefined)
    .map((name) => `${name} must be set in production`);
}
