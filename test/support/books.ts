import type { Pool } from 'pg';
import {
  examine,
  inSnapshot,
  LIVE_GRACE_SECONDS,
  RULES,
} from '../../services/cli/doctor/examine.js';

const SETTINGS = { outboxKeepHours: 24, graceSeconds: LIVE_GRACE_SECONDS };

/** The names of the doctor's rules that the data violate; empty when there are none. */
export async function brokenRules(pool: Pool): Promise<string[]> {
  const findings = await inSnapshot(pool, (tx) => examine(tx, RULES, SETTINGS));
  return findings.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check);
}
