import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantRoles, ROLE_NAMES } from '../../../db/roles.js';
import { migratedDatabase, type OwnDatabase, testPool } from '../../support/empty-database.js';
import { rotateTables } from '../../../services/relay/maintenance/rotation.js';

let database: OwnDatabase;
let owner: Pool;
const users: string[] = [];
const pools: Pool[] = [];

beforeAll(async () => {
  database = await migratedDatabase();
  owner = testPool(database.url, 2);
  await grantRoles(database.url);
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  for (const user of users) {
    await owner.query(`drop owned by ${user}; drop role ${user}`);
  }
  await owner.end();
  await database.drop();
});

/** A user who is only a member of this role. */
async function memberOf(role: string): Promise<Pool> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await owner.query(`create role ${name} login password '${name}' in role ${role}`);
  users.push(name);
  const url = new URL(database.url);
  url.username = name;
  url.password = name;
  const pool = testPool(url.href, 2);
  pools.push(pool);
  return pool;
}

const DENIED = /permission denied|must be owner/;

describe('the role of processes', () => {
  it('reads and writes what the engine does', async () => {
    const runtime = await memberOf(ROLE_NAMES.runtime);
    await runtime.query(`insert into accounts (name) values ('anna')`);
    await runtime.query(`insert into entries (key) values ('a test')`);
    await runtime.query(
      `insert into audit_log (actor, role, via, act) values ('anna', 'operator', 'http', 'GET /')`,
    );
    const { rows } = await runtime.query(`select act from audit_log`);
    expect(rows).toHaveLength(1);
    await runtime.query(`update api_tokens set revoked_at = now()`);
    await runtime.query('delete from outbox');
    // With the rights of the owner, who alone may add and drop tables; the new ones have the rights of those before.
    await owner.query(`update rotations set began_at = began_at - interval '33 days'`);
    expect(await rotateTables(runtime, 24)).toEqual(['applied_messages', 'outbox_delivered']);
    await runtime.query(`insert into applied_messages values ('c', 'm')`);
    await runtime.query(`insert into outbox_delivered select * from outbox`);
    await runtime.query('select from outbox_delivered_before, applied_messages_before');
    await runtime.query('select analyze_credit_history()');
  });

  it('cannot change what is append-only, whatever triggers are off', async () => {
    const runtime = await memberOf(ROLE_NAMES.runtime);
    const { rows } = await owner.query<{ name: string }>(
      `select distinct tgrelid::regclass::text as name from pg_trigger where tgfoid = 'refuse_change'::regproc`,
    );
    expect(rows.length).toBeGreaterThan(7);
    for (const { name } of rows) {
      for (const sql of [`delete from ${name}`, `truncate ${name} cascade`]) {
        await expect(runtime.query(sql), sql).rejects.toThrow(DENIED);
      }
      await expect(owner.query(`truncate ${name} cascade`), name).rejects.toThrow('append-only');
    }
    for (const sql of [
      `update entries set key = 'another'`,
      `update audit_head set id = 0`,
      `update api_tokens set account_id = account_id`,
      `update installation set epoch = 1`,
      `update rotations set began_at = 'epoch'`,
      `set session_replication_role = replica`,
      'alter table entries disable trigger all',
      'drop table audit_log',
      'create table mine (n integer)',
      'truncate outbox',
    ]) {
      await expect(runtime.query(sql), sql).rejects.toThrow(DENIED);
    }
  });
});

describe('the role of the doctor', () => {
  it('reads, except tokens, and writes nothing but what it did to the audit', async () => {
    const doctor = await memberOf(ROLE_NAMES.doctor);
    await doctor.query(
      `insert into audit_log (actor, role, via, act) values ('bert', 'command line', 'cli', 'action show')
       returning id`,
    );
    await doctor.query('select count(*) from entries');
    await doctor.query('select count(*) from audit_log');
    for (const sql of [
      `insert into accounts (name) values ('bert')`,
      `update outbox set subject = 'x'`,
      'delete from outbox',
      'delete from audit_log',
      'select rotate_applied_messages()',
      'select analyze_credit_history()',
      `update audit_log set because = 'x'`,
      'update audit_head set id = 0',
      'select token_hash from api_tokens',
    ]) {
      await expect(doctor.query(sql), sql).rejects.toThrow(DENIED);
    }
  });
});

it('a table that comes later is granted by the next migration', async () => {
  const runtime = await memberOf(ROLE_NAMES.runtime);
  await owner.query('create table later (n integer)');
  await expect(runtime.query('select from later')).rejects.toThrow(DENIED);
  await grantRoles(database.url);
  await runtime.query('insert into later values (1)');
});
