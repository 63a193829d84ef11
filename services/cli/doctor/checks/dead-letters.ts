import type { Pool } from 'pg';
import type { NatsConnection } from 'nats';
import { readDeadLetters, type DeadLetter } from '../../../shared/dead-letters/read.js';
import { type Finding, findingOf } from '../check.js';

export const DEAD_LETTERS_CHECK = 'every dead letter is explained';

/** When it died and its number: numbers alone begin anew when NATS has lost its data. */
export function letterKey({ diedAt, seq }: Pick<DeadLetter, 'diedAt' | 'seq'>): string {
  return `${diedAt}/${seq}`;
}

export async function examineDeadLetters(pool: Pool, nc: NatsConnection): Promise<Finding> {
  const { rows } = await pool.query<{ letter: string }>(
    'select letter from dead_letter_acknowledgements',
  );
  const explained = new Set(rows.map(({ letter }) => letter));
  const unexplained: string[] = [];
  for await (const letter of readDeadLetters(nc.jetstream(), await nc.jetstreamManager())) {
    if (!explained.has(letterKey(letter))) unexplained.push(`${letter.seq} (${letter.reason})`);
  }
  return findingOf(DEAD_LETTERS_CHECK, unexplained, false);
}
