import { afterAll, beforeAll, expect, it } from 'vitest';
import { isTrustDue, recomputeDue } from '../../../../engine/trust/nightly.js';
import { addSeed } from '../../../../engine/trust/run.js';
import { World } from '../actions/items/world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const tomorrow = new Date(Date.now() + 86_400_000);

it('trust is due once a day (UTC), where it begins anywhere', async () => {
  const { pool } = world.fixture;
  expect(await isTrustDue(pool)).toBe(false);
  await addSeed(pool, world.rich.id);
  expect(await isTrustDue(pool)).toBe(true);
  await world.item({ territories: ['one'] });
  expect(await recomputeDue(pool)).toBe(2);
  expect(await isTrustDue(pool)).toBe(false);
  expect(await recomputeDue(pool)).toBe(0);
  expect(await isTrustDue(pool, tomorrow)).toBe(true);
});

it('is computed by one process at a time, and goes on where one was stopped', async () => {
  const { pool } = world.fixture;
  const runs = () => world.fixture.count('trust_runs where finished_at is not null');
  const before = await runs();
  // As if a process had died in between.
  await pool.query(`insert into trust_runs (territory) values ('one')`);
  const computed = await Promise.all(Array.from({ length: 4 }, () => recomputeDue(pool, tomorrow)));
  expect(computed.filter((n) => n > 0)).toHaveLength(1);
  expect(await runs()).toBe(before + 2);
  const held = `pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory'`;
  expect(await world.fixture.count(held)).toBe(0);
});
