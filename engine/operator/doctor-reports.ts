import type { Pool } from 'pg';
import { z } from 'zod';

const finding = z.object({
  check: z.string(),
  verdict: z.enum(['ok', 'warning', 'BROKEN', 'unchecked', 'skipped']),
  count: z.number(),
  ids: z.array(z.string()).readonly(),
  note: z.string().optional(),
});

export interface DoctorReport {
  readonly at: Date;
  readonly passed: boolean;
  readonly findings: readonly z.output<typeof finding>[];
}

const KEPT = 100;

/** Keeps what the doctor has found; of earlier reports the newest hundred. */
export async function saveDoctorReport(
  pool: Pool,
  passed: boolean,
  findings: DoctorReport['findings'],
): Promise<void> {
  await pool.query(
    `with saved as (insert into doctor_reports (passed, report) values ($1, $2) returning id)
     delete from doctor_reports where id < (select id from saved) - $3`,
    [passed, JSON.stringify(findings), KEPT],
  );
}

/** The newest; undefined where none was kept. */
export async function readDoctorReport(pool: Pool): Promise<DoctorReport | undefined> {
  const { rows } = await pool.query<{ at: Date; passed: boolean; report: unknown }>(
    'select at, passed, report from doctor_reports order by id desc limit 1',
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return { at: row.at, passed: row.passed, findings: z.array(finding).parse(row.report) };
}
