import { MigrationError, type MigrationFile } from './migration-files.js';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  /** Number and name, like the name of the file. */
  readonly label: string;
  readonly checksum: string;
  readonly appliedAt: Date;
  readonly durationMs: number;
}

/**
 * The migrations that are not applied yet, in order. Throws {@link MigrationError} when an applied file was changed or is missing,
 * or when a new file has a lower number than the newest applied one. What a newer release has applied is left alone.
 */
export function planMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): MigrationFile[] {
  const problems = historyProblems(files, applied);
  if (problems.length > 0) throw new MigrationError(problems.join('\n'));
  const done = new Set(applied.map(({ version }) => version));
  return files.filter(({ version }) => !done.has(version));
}

/** How the files differ from what was applied, a line for each difference. */
export function historyProblems(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): string[] {
  const fileOf = new Map(files.map((file) => [file.version, file]));
  const done = new Set(applied.map(({ version }) => version));
  const newest = Math.max(0, ...done);
  const own = Math.max(0, ...fileOf.keys());
  return [
    ...applied.flatMap((migration) => {
      const file = fileOf.get(migration.version);
      const { label } = migration;
      // Of a newer release, which runs beside this one.
      if (file === undefined && migration.version > own) return [];
      if (file === undefined) return [`${label} was applied and its file is missing: restore it`];
      if (file.checksum === migration.checksum) return [];
      return [`${label} was changed after it was applied: restore it, and add a new migration`];
    }),
    ...files
      .filter(({ version }) => version < newest && !done.has(version))
      .map((file) => `${labelOf(file)} comes before ${newest}, which is applied: renumber it`),
  ];
}

/** Number and name, like the name of the file. */
export function labelOf({ version, name }: { version: number; name: string }): string {
  return `${String(version).padStart(4, '0')}_${name}`;
}
