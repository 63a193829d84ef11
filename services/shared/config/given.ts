import { readFileSync } from 'node:fs';
import { infoOf } from './key.js';
import { schema, type VariableName, variableNames } from './schema.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const FILE = '_FILE';

/** Variables whose value may stand in a file: secrets, and addresses that may hold a password. */
const FROM_FILES: ReadonlySet<string> = new Set(
  variableNames.filter((name) => {
    const { secret, url } = infoOf(schema.shape[name]);
    return secret === true || url === true;
  }),
);

/** Whether this is `<name>_FILE` of a variable that may be read from a file. */
export function namesFile(name: string): boolean {
  return name.endsWith(FILE) && FROM_FILES.has(name.slice(0, -FILE.length));
}

export interface Given {
  readonly values: Readonly<Partial<Record<VariableName, string>>>;
  readonly problems: readonly string[];
}

/**
 * What the environment gives, directly or in files. An empty variable counts as unset: compose files and shells leave one out in that
 * way.
 */
export function readGiven(env: Environment, names: readonly VariableName[]): Given {
  const values: Partial<Record<VariableName, string>> = {};
  const problems: string[] = [];
  for (const name of names) {
    const direct = env[name]?.trim() ?? '';
    const file = FROM_FILES.has(name) ? (env[`${name}${FILE}`]?.trim() ?? '') : '';
    if (direct !== '') values[name] = direct;
    if (file === '') continue;
    if (direct !== '') {
      problems.push(`${name} and ${name}${FILE} are both set: only one may be`);
      continue;
    }
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text === '') problems.push(`${name}${FILE}: the file is empty`);
      else values[name] = text;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      problems.push(`${name}${FILE}: the file cannot be read (${code})`);
    }
  }
  return { values, problems };
}
