import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { DEVELOPMENT_SECRET } from '../../shared/config.js';
import { type RunningProcess, runningProcessOf } from '../servers/pid-file.js';

/** Where `quittance up` has its data, its logs and its secrets. Files are for their owner alone. */
export interface Home {
  readonly folder: string;
  readonly logs: string;
  readonly operatorToken: string;
  /** The master secret, made at the first start. */
  readonly secret: string;
  readonly signingKeys: string;
  /** The environment of the running instance: missing while nothing runs. */
  readonly env: string;
}

/** The given folder, else .quittance/ beside package.json. */
export function homeIn(dataDir: string | undefined): Home {
  const folder = dataDir === undefined ? join(packageRoot(), '.quittance') : resolve(dataDir);
  return {
    folder,
    logs: join(folder, 'logs'),
    operatorToken: join(folder, 'operator-token'),
    secret: join(folder, 'secret'),
    signingKeys: join(folder, 'signing-keys'),
    env: join(folder, 'env'),
  };
}

/** Every file that we make from now on is for its owner alone. */
export async function makeHome(home: Home): Promise<void> {
  process.umask(0o077);
  await mkdir(home.logs, { recursive: true });
  // PostgreSQL may run as another user, who must pass; nobody else can list it.
  await chmod(home.folder, 0o711);
}

/** The secret of this installation, made where there is none; before its servers are started. */
export async function ownSecret({ folder, secret: file }: Home): Promise<string> {
  const known = await readIfExists(file);
  if (known !== undefined) return known;
  // Data of before there was such a file were made with the built-in secret: with another one, their invoices would be lost.
  const older = existsSync(join(folder, 'postgres'));
  const made = older ? DEVELOPMENT_SECRET : randomBytes(32).toString('hex');
  await writePrivate(file, `${made}\n`);
  return made;
}

/** Undefined when there is no such file. */
export async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** With mode 0600, also where the file is older than this rule. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
}

/** What the command line needs to find the running instance. */
const IN_ENV = [
  ...(['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS', 'QUITTANCE_TEMPORAL_NAMESPACE'] as const),
  ...(['QUITTANCE_API_URL', 'QUITTANCE_LIGHTNING_URL', 'QUITTANCE_SECRET'] as const),
  ...(['QUITTANCE_STORE_KEY', 'QUITTANCE_LIGHTNING_BACKEND', 'QUITTANCE_LND_ADDRESS'] as const),
  ...(['QUITTANCE_LND_CERTIFICATE', 'QUITTANCE_LND_MACAROON', 'QUITTANCE_LIGHTNING_NODE'] as const),
  'QUITTANCE_LIGHTNING_NETWORK',
] as const;

/** Writes the environment of the running instance; `remove` when it stops. */
export async function writeEnv(
  { env: file }: Home,
  variables: Readonly<Record<string, string>>,
): Promise<{ remove: () => Promise<void> }> {
  const lines = IN_ENV.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : [`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`];
  });
  await writePrivate(file, lines.join(''));
  return { remove: () => rm(file, { force: true }) };
}

export interface Instance {
  readonly home: Home;
  readonly owner: RunningProcess;
  /** As lines for a shell. */
  readonly text: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The instance that runs in this folder; undefined when none does, or it has not started everything yet. */
export async function runningInstance(home: Home): Promise<Instance | undefined> {
  const owner = await runningProcessOf(join(home.folder, 'run', 'owner.pid'));
  const text = await readIfExists(home.env);
  if (owner === undefined || text === undefined) return undefined;
  const lines = text.matchAll(/^export ([A-Z_]+)='(.*)'$/gm);
  const variables = Object.fromEntries(
    [...lines].map(([, name = '', value = '']) => [name, value.replaceAll(`'\\''`, "'")]),
  );
  return { home, owner, text, variables };
}
