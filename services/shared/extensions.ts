import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { migrate, type MigrateOptions } from '../../db/migrate.js';
import { satsToMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { accountIdOf } from '../../engine/accounts/account-id.js';
import type {
  DefineExtension,
  Extension,
  ExtensionTools,
} from '../../engine/extensions/extension.js';
import { extensions, registerExtension, schemaOf } from '../../engine/extensions/registered.js';

const TOOLS: ExtensionTools = {
  z,
  refuse: (code, detail, errors) => new Refusal(code, detail, errors),
  satsToMsat,
  findAccount: accountIdOf,
};

/** A package of somebody else's: its types have been checked by its own compiler. */
const isDefinition = (value: unknown): value is DefineExtension => typeof value === 'function';

/** An extension cannot be used. The message says which, and why. */
export class ExtensionError extends Error {
  override readonly name = 'ExtensionError';
}

const loaded = new Set<string>();

/** Loads the modules and makes their types known to this process. Those that are loaded already are left alone. Throws {@link ExtensionError}. */
export async function loadExtensions(modules: readonly string[]): Promise<void> {
  for (const name of modules) {
    if (loaded.has(name)) continue;
    try {
      registerExtension(await defined(name));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ExtensionError(`QUITTANCE_EXTENSIONS: ${name}: ${why}`, { cause });
    }
    loaded.add(name);
  }
}

async function defined(name: string): Promise<Extension> {
  const module: unknown = await import(addressOf(name));
  const define =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : null;
  if (!isDefinition(define)) throw new Error('its default export is not a function');
  return define(TOOLS);
}

/** A path, or a package that is installed where the process runs or beside us. */
function addressOf(name: string): string {
  if (name.startsWith('.') || name.startsWith('/')) return pathToFileURL(resolve(name)).href;
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(name)).href;
  } catch {
    return name;
  }
}

/** Ours, and then those of each extension in its own schema. Throws MigrationError. Labels of theirs begin with their schema. */
export async function migrateAll(
  options: Pick<MigrateOptions, 'connectionString' | 'onApplied'>,
): Promise<string[]> {
  const labels = await migrate(options);
  for (const extension of extensions()) {
    if (extension.migrations === undefined) continue;
    const schema = schemaOf(extension);
    const folder = fileURLToPath(extension.migrations);
    const applied = await migrate({ ...options, schema, folder });
    labels.push(...applied.map((label) => `${schema}/${label}`));
  }
  return labels;
}
