import type { z } from 'zod';
import { DEVELOPMENT_SECRET } from './keys-servers.js';
import { nearest } from './nearest.js';
import {
  propertyOf,
  schema,
  variableNames,
  type Config,
  type ConfigOf,
  type VariableName,
} from './schema.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** All problems with the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is refused:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/** Reads the configuration, once at the start of a process. Throws {@link ConfigError}. */
export function loadConfig(env: Environment = process.env): Config {
  return load(variableNames, env);
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

function load<N extends VariableName>(names: readonly N[], env: Environment): ConfigOf<N> {
  const given = givenVariables(env, names);
  const results = names.map((name) => ({
    name,
    result: schema.shape[name].safeParse(given[name]),
  }));
  const problems = [
    ...unknownVariables(env),
    ...results.flatMap(({ name, result }) =>
      result.success ? [] : [problemWith(name, given[name], result.error)],
    ),
    ...(names.some((name) => name === 'QUITTANCE_SECRET') ? weakSecret(env) : []),
    ...(names.some((name) => name === 'QUITTANCE_STORE_KEY') ? noStoreKey(env) : []),
    ...armedInProduction(env),
    ...forcedInProduction(env),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const entries = results.map(({ name, result }) => [propertyOf(name), result.data]);
  // Each value was parsed by the schema of its name; fromEntries loses that in its type.
  return Object.freeze(Object.fromEntries(entries)) as ConfigOf<N>;
}

/** An empty variable counts as unset: compose files and shells leave one out in that way. */
function givenVariables(
  env: Environment,
  names: readonly VariableName[],
): Partial<Record<VariableName, string>> {
  const given: Partial<Record<VariableName, string>> = {};
  for (const name of names) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') given[name] = value;
  }
  return given;
}

function unknownVariables(env: Environment): string[] {
  const known = new Set<string>(variableNames);
  return Object.keys(env)
    .filter((name) => name.startsWith('QUITTANCE_') && !known.has(name))
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

function armedInProduction(env: Environment): string[] {
  const armed = (env['QUITTANCE_FAILPOINTS']?.trim() ?? '') !== '';
  return env['QUITTANCE_ENV']?.trim() === 'production' && armed
    ? ['QUITTANCE_FAILPOINTS is for tests: remove it in production']
    : [];
}

function forcedInProduction(env: Environment): string[] {
  const forced = (env['QUITTANCE_FORCE_PAYMENT']?.trim() ?? '') !== '';
  return env['QUITTANCE_ENV']?.trim() === 'production' && forced
    ? ['QUITTANCE_FORCE_PAYMENT is for development: remove it in production']
    : [];
}

function noStoreKey(env: Environment): string[] {
  const isMissing = (env['QUITTANCE_STORE_KEY']?.trim() ?? '') === '';
  return env['QUITTANCE_ENV']?.trim() === 'production' && isMissing
    ? ['QUITTANCE_STORE_KEY must be set in production, to 1:<64 hex digits>']
    : [];
}

function weakSecret(env: Environment): string[] {
  const secret = env['QUITTANCE_SECRET']?.trim() ?? '';
  const builtIn = secret === '' || secret === DEVELOPMENT_SECRET;
  return env['QUITTANCE_ENV']?.trim() === 'production' && builtIn
    ? ['QUITTANCE_SECRET must be set in production, to 32 or more secret characters']
    : [];
}
