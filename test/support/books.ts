import type { Pool } from 'pg';
import {
  inSnapshot,
  LIVE_GRACE_SECONDS,
  RULES,
  runChecks,
} from '../../services/cli/doctor/run-checks.js';

const SETTINGS = { outboxKeepHours: 24, graceSeconds: LIVE_GRACE_SECONDS };

/** The names of the doctor's rules that the data violate; empty when there are none. */
export async function brokenRules(pool: Pool): Promise<string[]> {
  const findings = await inSnapshot(pool, (tx) => runChecks(tx, RULES, SETTINGS));
  return findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check);
}
