import { join } from 'node:path';
import { DatabaseError } from 'pg';
import type { ClientBase, Pool } from 'pg';
import { type MigrationFile, readMigrationFiles } from './migration-files.js';
import { labelOf } from './migration-plan.js';
import { packageRoot } from './package-root.js';

/** What a database says of its schema. */
export interface SchemaState {
  /** Numbers of the migrations that were applied. */
  readonly applied: readonly number[];
  /** A release whose newest migration has a lower number does not run on it. */
  readonly fitsFrom: number;
}

/** A release and a database do not fit. The message says what to do. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
}

/**
 * Why this release does not run on that schema; undefined where it does. It needs all of its own migrations, and takes any number of
 * newer ones, which only add, as long as the schema still takes a release of its age.
 */
export function schemaProblem(
  files: readonly Pick<MigrationFile, 'version' | 'name'>[],
  { applied, fitsFrom }: SchemaState,
): string | undefined {
  const done = new Set(applied);
  const missing = files.filter(({ version }) => !done.has(version));
  const [first] = missing;
  if (first !== undefined) {
    const more = missing.length === 1 ? '' : ` and ${missing.length - 1} more migrations`;
    return `the database lacks ${labelOf(first)}${more}, which this release needs: run quittance prepare of this release`;
  }
  const newest = Math.max(0, ...files.map(({ version }) => version));
  if (newest >= fitsFrom) return undefined;
  return `the database has a schema for releases from migration ${fitsFrom} on, and this one ends with ${newest}: run a newer release`;
}

/** The migrations of this release. */
export function ownMigrations(): Promise<MigrationFile[]> {
  return readMigrationFiles(join(packageRoot(), 'db', 'migrations'));
}

/** Changes nothing, also in an empty database. */
export async function readSchemaState(db: Pick<Pool | ClientBase, 'query'>): Promise<SchemaState> {
  const applied = await orNone(
    db.query<{ version: number }>('select version from schema_migrations order by version'),
  );
  const range = await orNone(db.query<{ fits_from: number }>('select fits_from from installation'));
  return {
    applied: applied.map(({ version }) => version),
    fitsFrom: range[0]?.fits_from ?? 0,
  };
}

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';

/** Nothing where the table or the column was not made yet. */
async function orNone<T>(asking: Promise<{ rows: T[] }>): Promise<T[]> {
  try {
    return (await asking).rows;
  } catch (error) {
    const code = error instanceof DatabaseError ? error.code : undefined;
    if (code === UNDEFINED_TABLE || code === UNDEFINED_COLUMN) return [];
    throw error;
  }
}
