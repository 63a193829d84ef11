import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The migrations and the database do not fit. The message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface MigrationFile {
  readonly version: number;
  readonly name: string;
  /** SHA-256 of the text in hex, with CRLF read as LF, since a checkout may change line ends. */
  readonly checksum: string;
  /** What is sent at once: all of it, or one by one, where each ends with its line, if it begins with `-- no transaction`. */
  readonly statements: readonly string[];
  /** False for `create index concurrently`, which cannot be in one. */
  readonly inTransaction: boolean;
}

const NO_TRANSACTION = '-- no transaction\n';
const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

/** The migrations in a folder, by number. Throws {@link MigrationError} on an invalid name or a number used twice. */
export async function readMigrationFiles(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readMigrationFile(folder, name)));
  for (const [index, file] of files.entries()) {
    const before = files[index - 1];
    if (before?.version === file.version) {
      throw new MigrationError(
        `two migrations have the number ${file.version}: ${names.join(', ')}`,
      );
    }
  }
  return files;
}

async function readMigrationFile(folder: string, fileName: string): Promise<MigrationFile> {
  const [, version, name] = FILE_NAME.exec(fileName) ?? [];
  if (version === undefined || name === undefined) {
    throw new MigrationError(`${fileName} is not named like 0001_what_it_does.sql`);
  }
  const sql = (await readFile(join(folder, fileName), 'utf8')).replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  const inTransaction = !sql.startsWith(NO_TRANSACTION);
  const statements = inTransaction ? [sql] : sql.split(/;$/m);
  return { version: Number(version), name, checksum, statements, inTransaction };
}
