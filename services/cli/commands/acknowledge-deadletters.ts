import { pino } from 'pino';
import { letterKey } from '../doctor/checks/dead-letters.js';
import type { DeadLetter } from '../../shared/dead-letters/read.js';
import { createPool } from '../../shared/pool.js';

/** Writes down why these need no more attention; `quittance doctor` passes them over then. */
export async function acknowledge(
  databaseUrl: string,
  letters: readonly DeadLetter[],
  because: string,
): Promise<void> {
  const pool = createPool({ databaseUrl, dbPoolSize: 1 }, pino({ level: 'silent' }));
  try {
    await pool.query(
      `insert into dead_letter_acknowledgements (letter, because)
       select letter, $2 from unnest($1::text[]) letter
       on conflict (letter) do update set because = excluded.because, acknowledged_at = now()`,
      [letters.map(letterKey), because],
    );
  } finally {
    await pool.end();
  }
}
