import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../../../services/cli/doctor/check.js';
import {
  AT_REST_GRACE_SECONDS,
  CHECKS,
  runChecks,
} from '../../../../../services/cli/doctor/run-checks.js';
import type { ActionFixture } from '../../../engine/actions/fixture.helper.js';
import { CORRUPTIONS } from './corruptions.helper.js';
import { soundData } from './fixture.helper.js';

let fixture: ActionFixture;
let tx: PoolClient;

beforeAll(async () => {
  fixture = await soundData();
  tx = await fixture.pool.connect();
});
afterAll(async () => {
  tx.release();
  await fixture.close();
});

/** What the checks find after these statements, which are rolled back. They run without triggers and foreign keys. */
async function findingsAfter(statements: readonly string[], graceSeconds = 60): Promise<Finding[]> {
  await tx.query('begin');
  try {
    await tx.query('set local session_replication_role = replica');
    for (const statement of statements) {
      const { rowCount, command } = await tx.query(statement);
      // A statement that changes no row corrupts nothing.
      if (command !== 'ALTER' && command !== 'DROP') expect(rowCount, statement).toBeGreaterThan(0);
    }
    const findings = await runChecks(tx, CHECKS, { outboxKeepHours: 24, graceSeconds });
    return findings.filter(({ verdict }) => verdict !== 'ok');
  } finally {
    await tx.query('rollback');
  }
}

describe('the doctor', () => {
  it('finds nothing in sound data', async () => {
    expect(await findingsAfter([])).toEqual([]);
  });

  it.each(['returned_at', 'merged_at'])('notices a time without an entry: %s', async (column) => {
    const found = await findingsAfter([`update credit_accounts set ${column} = now()`]);
    expect(found.map(({ check }) => check)).toEqual([
      'credit accounts have their newest debit, refund and merged grant',
    ]);
  });

  it.each(CHECKS)('notices by this check alone that it does not hold: $name', async (check) => {
    const found = await findingsAfter(CORRUPTIONS[check.name] ?? []);
    expect(found.map(({ check: name }) => name)).toEqual([check.name]);
    expect(found[0]?.verdict).toBe(check.inTime === true ? 'warning' : 'BROKEN');
    expect(found[0]?.count).toBe(found[0]?.ids.length);
    expect(found[0]?.count).toBeGreaterThan(0);
  });

  it('reports as broken what is overdue for more than ten minutes, with since, tries and what to do', async () => {
    const found = await findingsAfter([
      `update attempts set due_at = '2026-01-02 03:04:05Z', swept_for = '2026-01-02 03:04:05Z', sweeps = 4
       where state = 'PENDING'`,
      `update only outbox set published_at = null, due_since = now() - interval '11 minutes'
       where id = (select min(id) from only outbox)`,
    ]);
    expect(found.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['no open attempt or order is overdue', 'BROKEN'],
      ['no outbox row is overdue', 'BROKEN'],
    ]);
    expect(found[0]?.ids[0]).toMatch(
      /^attempt .{36}\/1, since 2026-01-02 03:04:05 UTC, 4 tries \(quittance action show .{36}\)$/,
    );
  });

  it('at rest, reports what is still open as broken', async () => {
    const found = await findingsAfter([], AT_REST_GRACE_SECONDS);
    expect(found.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['no open attempt or order is overdue', 'BROKEN'],
      ['what follows a payment or a failure is done', 'BROKEN'],
      ['expired invoices are closed', 'BROKEN'],
    ]);
  });

  it('does not expect events whose outbox rows were deleted after their time', async () => {
    await tx.query('begin');
    await tx.query('set local session_replication_role = replica');
    await tx.query('delete from outbox');
    await tx.query(`update transitions set at = at - interval '25 hours'`);
    const found = await runChecks(tx, CHECKS, { outboxKeepHours: 24, graceSeconds: 60 });
    await tx.query('rollback');
    expect(found.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  it('shows five of many offenders', async () => {
    const found = await findingsAfter(['update transmission_counter set last = last + 100']);
    expect(found).toMatchObject([{ count: 100, ids: { length: 5 } }]);
  });
});
