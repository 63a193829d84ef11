import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../../../services/cli/doctor/check.js';
import {
  AT_REST_GRACE_SECONDS,
  CHECKS,
  examine,
} from '../../../../../services/cli/doctor/examine.js';
import type { ActionFixture } from '../../../engine/actions/fixture.helper.js';
import { ILLNESSES } from './corruptions.helper.js';
import { healthyPatient } from './fixture.helper.js';

let fixture: ActionFixture;
let tx: PoolClient;

beforeAll(async () => {
  fixture = await healthyPatient();
  tx = await fixture.pool.connect();
});
afterAll(async () => {
  tx.release();
  await fixture.close();
});

/** What is found after these statements, which are then undone; no trigger and no foreign key hinders them. */
async function findingsAfter(statements: readonly string[], graceSeconds = 60): Promise<Finding[]> {
  await tx.query('begin');
  try {
    await tx.query('set local session_replication_role = replica');
    for (const statement of statements) {
      const { rowCount, command } = await tx.query(statement);
      // One that hits nothing breaks nothing.
      if (command !== 'ALTER' && command !== 'DROP') expect(rowCount, statement).toBeGreaterThan(0);
    }
    const findings = await examine(tx, CHECKS, { outboxKeepHours: 24, graceSeconds });
    return findings.filter(({ verdict }) => verdict !== 'ok');
  } finally {
    await tx.query('rollback');
  }
}

describe('the doctor', () => {
  it('finds nothing in sound data', async () => {
    expect(await findingsAfter([])).toEqual([]);
  });

  it('notices also when it is not known that something came back', async () => {
    const found = await findingsAfter(['update credit_accounts set returned_at = now()']);
    expect(found.map(({ check }) => check)).toEqual([
      'credit accounts have their newest debit and newest refund',
    ]);
  });

  it.each(CHECKS)('notices, and by this alone, when it does not hold that $name', async (check) => {
    const found = await findingsAfter(ILLNESSES[check.name] ?? []);
    expect(found.map(({ check: name }) => name)).toEqual([check.name]);
    expect(found[0]?.verdict).toBe(check.inTime === true ? 'warning' : 'BROKEN');
    expect(found[0]?.count).toBe(found[0]?.ids.length);
    expect(found[0]?.count).toBeGreaterThan(0);
  });

  it('at rest calls broken what is only open', async () => {
    const found = await findingsAfter([], AT_REST_GRACE_SECONDS);
    expect(found.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['every open attempt and order is attended to', 'BROKEN'],
      ['invoices are closed when they have expired', 'BROKEN'],
    ]);
  });

  it('does not miss events that were cleared away', async () => {
    await tx.query('begin');
    await tx.query('set local session_replication_role = replica');
    await tx.query('delete from outbox');
    await tx.query(`update transitions set at = at - interval '25 hours'`);
    const found = await examine(tx, CHECKS, { outboxKeepHours: 24, graceSeconds: 60 });
    await tx.query('rollback');
    expect(found.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  it('shows five of many', async () => {
    const found = await findingsAfter(['update transmission_counter set last = last + 100']);
    expect(found).toMatchObject([{ count: 100, ids: { length: 5 } }]);
  });
});
