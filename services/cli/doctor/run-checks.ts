import type { ClientBase, Pool } from 'pg';
import { type Check, type Finding, findingOf, IDS_SHOWN, type Settings } from './check.js';
import { attemptChecks } from './checks/attempts.js';
import { auditChecks } from './checks/audit.js';
import { creditChecks } from './checks/credits.js';
import { eventChecks } from './checks/events.js';
import { inTimeChecks } from './checks/in-time.js';
import { itemChecks } from './checks/items.js';
import { ledgerChecks } from './checks/ledger.js';
import { transitionChecks } from './checks/transitions.js';
import { transmissionChecks } from './checks/transmissions.js';

/** What must hold at any time. */
export const RULES: readonly Check[] = [
  ...ledgerChecks,
  ...creditChecks,
  ...attemptChecks,
  ...itemChecks,
  ...transitionChecks,
  ...transmissionChecks,
  ...eventChecks,
  ...auditChecks,
];

export const CHECKS: readonly Check[] = [...RULES, ...inTimeChecks];

/** On a live system, what is later than this is stuck. */
export const LIVE_GRACE_SECONDS = 60;

/** When all work has stopped, everything that is open or due at any time stays open. */
export const AT_REST_GRACE_SECONDS = -1_000_000_000;

/** Runs the checks in the caller's transaction, which should be one snapshot. */
export async function runChecks(
  tx: Pick<ClientBase, 'query'>,
  checks: readonly Check[],
  settings: Settings,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await runCheck(tx, check, settings));
  return findings;
}

async function runCheck(
  tx: Pick<ClientBase, 'query'>,
  check: Check,
  settings: Settings,
): Promise<Finding> {
  const { count, ids } = await offendersOf(tx, check, settings);
  const late = check.inTime === true && settings.graceSeconds >= 0;
  const isTooLate = late && count > 0 && (await breaks(tx, check, settings));
  return { ...findingOf(check.name, ids, late && !isTooLate), count };
}

/** Whether something is later than a live system may be. */
async function breaks(
  tx: Pick<ClientBase, 'query'>,
  check: Check,
  settings: Settings,
): Promise<boolean> {
  const { brokenAfterSeconds: graceSeconds } = check;
  if (graceSeconds === undefined || graceSeconds <= settings.graceSeconds) return false;
  return (await offendersOf(tx, check, { ...settings, graceSeconds })).count > 0;
}

async function offendersOf(
  tx: Pick<ClientBase, 'query'>,
  check: Check,
  settings: Settings,
): Promise<{ count: number; ids: string[] }> {
  const { rows } = await tx.query<{ count: number; ids: string[] }>(
    `with offenders as (${check.offenders})
     select (select count(*) from offenders)::float8 as count,
       array(select id::text from offenders order by 1 limit ${IDS_SHOWN}) as ids`,
    [...(check.values?.(settings) ?? [])],
  );
  return rows[0] ?? { count: 0, ids: [] };
}

/** Reads everything from one snapshot, whatever is written meanwhile. Changes nothing. */
export async function inSnapshot<T>(pool: Pool, work: (tx: ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin isolation level repeatable read read only');
    // No limit: the tables may be large.
    await client.query('set local statement_timeout = 0');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    return await work(client);
  } finally {
    await client.query('rollback').catch(() => (broken = true));
    client.release(broken);
  }
}
