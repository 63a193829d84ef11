import { MigrationError } from './migration-error.js';
import type { MigrationFile } from './migration-files.js';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  /** Number and name, as the file is called. */
  readonly label: string;
  readonly checksum: string;
  readonly appliedAt: Date;
  readonly durationMs: number;
}

/**
 * What is still to be applied, in order. Throws {@link MigrationError} when the past was changed:
 * an applied file differs or is gone, or a new one is numbered below the newest applied.
 */
export function planMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): MigrationFile[] {
  const problems = changesOfThePast(files, applied);
  if (problems.length > 0) throw new MigrationError(problems.join('\n'));
  const done = new Set(applied.map(({ version }) => version));
  return files.filter(({ version }) => !done.has(version));
}

export function changesOfThePast(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): string[] {
  const fileOf = new Map(files.map((file) => [file.version, file]));
  const done = new Set(applied.map(({ version }) => version));
  const newest = Math.max(0, ...done);
  return [
    ...applied.flatMap((migration) => {
      const file = fileOf.get(migration.version);
      const { label } = migration;
      if (file === undefined) return [`${label} was applied and its file is missing: restore it`];
      if (file.checksum === migration.checksum) return [];
      return [`${label} was changed after it was applied: restore it, and add a new migration`];
    }),
    ...files
      .filter(({ version }) => version < newest && !done.has(version))
      .map((file) => `${labelOf(file)} comes before ${newest}, which is applied: renumber it`),
  ];
}

/** Number and name, as the file is called. */
export function labelOf({ version, name }: { version: number; name: string }): string {
  return `${String(version).padStart(4, '0')}_${name}`;
}
