import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate, MigrationError, migrationStatus } from '../../../db/migrate.js';
import { emptyDatabase, testPool } from '../../support/empty-database.js';

let folder: string;
let connectionString: string;
let pool: pg.Pool;
let drop: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-migrations-'));
  const database = await emptyDatabase();
  ({ url: connectionString, drop } = database);
  pool = testPool(connectionString, 2);
  await write('0001_first.sql', 'create table steps (version int); insert into steps values (1);');
  await write('0002_second.sql', 'insert into steps values (2);');
});

afterEach(async () => {
  await pool.end();
  await drop();
  await rm(folder, { recursive: true });
});

const write = (name: string, sql: string): Promise<void> => writeFile(join(folder, name), sql);
const run = (): Promise<string[]> => migrate({ connectionString, folder });
const status = () => migrationStatus({ connectionString, folder });

async function stepsRun(): Promise<unknown[]> {
  const { rows } = await pool.query<{ version: number }>('select version from steps');
  return rows.map(({ version }) => version);
}

describe('migrate applies', () => {
  test('each file once, in order, and later only new files', async () => {
    expect(await run()).toEqual(['0001_first', '0002_second']);
    expect(await run()).toEqual([]);
    await write('0005_third.sql', 'insert into steps values (5);');
    expect(await run()).toEqual(['0005_third']);
    expect(await stepsRun()).toEqual([1, 2, 5]);
  });

  test('eight processes that start at once apply each file once', async () => {
    // Slow enough that all eight have started before the first is done.
    await write('0003_slow.sql', 'select pg_sleep(0.3); insert into steps values (3);');
    const runs = await Promise.all(Array.from({ length: 8 }, run));
    expect(runs.flat().sort()).toEqual(['0001_first', '0002_second', '0003_slow']);
    expect(await stepsRun()).toEqual([1, 2, 3]);
  });

  const INDEX = `-- no transaction
-- What a try has left behind; it is not valid.
drop index concurrently if exists steps_version;
create unique index concurrently steps_version on steps (version);
`;

  test('a file without a transaction: an index that nobody waits for', async () => {
    await write('0003_index.sql', INDEX);
    await write('0004_after.sql', 'insert into steps values (4);');
    const runs = await Promise.all(Array.from({ length: 8 }, run));
    const labels = ['0001_first', '0002_second', '0003_index', '0004_after'];
    expect(runs.flat().sort()).toEqual(labels);
    await expect(pool.query('insert into steps values (4)')).rejects.toThrow('steps_version');
  });

  test('such a file again from its beginning, when it has failed', async () => {
    await write('0002_second.sql', 'insert into steps values (1), (2);');
    await write('0003_index.sql', INDEX);
    await expect(run()).rejects.toThrow(/^0003_index failed, and is done again .*could not create/);
    expect((await status()).pending).toEqual(['0003_index']);
    await pool.query(
      'delete from steps where ctid = (select ctid from steps where version = 1 limit 1)',
    );
    expect(await run()).toEqual(['0003_index']);
    const { rows } = await pool.query(
      "select indisvalid as valid from pg_index where indexrelid = 'steps_version'::regclass",
    );
    expect(rows).toEqual([{ valid: true }]);
  });

  test('the real migrations to an empty database, with an epoch', async () => {
    const before = Date.now();
    const applied = await migrate({ connectionString });
    expect(applied[0]).toBe('0001_rails');
    const { rows } = await pool.query<{ epoch: bigint }>('select epoch from installation');
    expect(rows).toHaveLength(1);
    expect(Number(rows[0]?.epoch)).toBeGreaterThan(before - 60_000);
    await expect(pool.query('insert into installation (epoch) values (1)')).rejects.toThrow(
      'duplicate key',
    );
  });
});

describe('migrate refuses', () => {
  test('a file that fails: it is rolled back, and the files before it stay applied', async () => {
    await write('0003_bad.sql', 'insert into steps values (3); select nothing_like_this();');
    await expect(run()).rejects.toThrow(/^0003_bad failed and was rolled back: .*does not exist/);
    expect(await stepsRun()).toEqual([1, 2]);
    expect((await status()).pending).toEqual(['0003_bad']);
  });

  test('a file that cannot be recorded: it is rolled back as well', async () => {
    await write(
      '0003_bad.sql',
      'insert into steps values (3); alter table schema_migrations drop column checksum;',
    );
    await expect(run()).rejects.toThrow(/^0003_bad failed and was rolled back: /);
    expect(await stepsRun()).toEqual([1, 2]);
    expect((await status()).applied).toHaveLength(2);
  });

  test('a file that was changed after it was applied', async () => {
    await run();
    await write('0001_first.sql', 'create table steps (version bigint);');
    await expect(run()).rejects.toThrow('0001_first was changed after it was applied');
  });

  test('no file of which only line ends changed', async () => {
    await write('0003_lines.sql', 'insert into steps\nvalues (3);\n');
    await run();
    await write('0003_lines.sql', 'insert into steps\r\nvalues (3);\r\n');
    expect(await run()).toEqual([]);
  });

  test('an applied file that is missing', async () => {
    await run();
    await rm(join(folder, '0001_first.sql'));
    await expect(run()).rejects.toThrow('0001_first was applied and its file is missing');
  });

  test('a new file numbered below the newest applied', async () => {
    await rename(join(folder, '0002_second.sql'), join(folder, '0004_second.sql'));
    await run();
    await write('0003_late.sql', 'insert into steps values (3);');
    await expect(run()).rejects.toThrow('0003_late comes before 4, which is applied');
    expect(await stepsRun()).toEqual([1, 2]);
  });

  test.each([
    ['0002_twice.sql', 'two migrations have the number 2'],
    ['12_short.sql', '12_short.sql is not named like'],
  ])('a file called %s', async (name, message) => {
    await write(name, 'select 1;');
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toThrow(MigrationError);
  });
});

describe('the status', () => {
  test('of an empty database, which stays empty', async () => {
    expect(await status()).toEqual({
      applied: [],
      pending: ['0001_first', '0002_second'],
      problems: [],
    });
    const { rows } = await pool.query("select to_regclass('schema_migrations')::text as found");
    expect(rows).toEqual([{ found: null }]);
  });

  test('lists applied and pending migrations, and problems', async () => {
    await run();
    await write('0003_new.sql', 'select 1;');
    await write('0001_first.sql', 'select 1;');
    const { applied, pending, problems } = await status();
    expect(applied).toMatchObject([{ label: '0001_first' }, { label: '0002_second' }]);
    expect(applied[0]?.appliedAt).toBeInstanceOf(Date);
    expect(pending).toEqual(['0003_new']);
    expect(problems).toEqual([expect.stringContaining('0001_first was changed')]);
  });
});
