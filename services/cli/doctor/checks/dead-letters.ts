import type { Pool } from 'pg';
import type { NatsConnection } from 'nats';
import { pino } from 'pino';
import { shownText } from '../../../../domain/storable.js';
import { readDeadLetters, type DeadLetter } from '../../../shared/dead-letters/read.js';
import { createPool } from '../../../shared/pool.js';
import { type Finding, findingOf } from '../check.js';

export const DEAD_LETTERS_CHECK = 'every dead letter is acknowledged';

/** When it was dead-lettered and its number: numbers start again when NATS has lost its data. */
function letterKey({ diedAt, seq }: Pick<DeadLetter, 'diedAt' | 'seq'>): string {
  return `${diedAt}/${seq}`;
}

export async function checkDeadLetters(pool: Pool, nc: NatsConnection): Promise<Finding> {
  const { rows } = await pool.query<{ letter: string }>(
    'select letter from dead_letter_acknowledgements',
  );
  const acknowledged = new Set(rows.map(({ letter }) => letter));
  const unacknowledged: string[] = [];
  for await (const letter of readDeadLetters(nc.jetstream(), await nc.jetstreamManager())) {
    if (!acknowledged.has(letterKey(letter)))
      unacknowledged.push(`${letter.seq} (${letter.reason})`);
  }
  return findingOf(DEAD_LETTERS_CHECK, unacknowledged, false);
}

/** Keeps them with the reason why they need no more attention; the check ignores them from then on. */
export async function acknowledge(
  databaseUrl: string,
  letters: readonly DeadLetter[],
  because: string,
): Promise<void> {
  const pool = createPool({ databaseUrl, dbPoolSize: 1 }, pino({ level: 'silent' }));
  try {
    await pool.query(
      `insert into dead_letter_acknowledgements (letter, because, stream, subject, reason, message_id, body)
       select letter, $2, stream, subject, reason, message_id, body
       from unnest($1::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
         as l(letter, stream, subject, reason, message_id, body)
       on conflict (letter) do update set because = excluded.because, acknowledged_at = now()`,
      [
        ...[letters.map(letterKey), because],
        letters.map(({ stream }) => shownText(stream)),
        letters.map(({ subject }) => shownText(subject)),
        letters.map(({ reason }) => shownText(reason)),
        letters.map(({ messageId }) => (messageId === undefined ? null : shownText(messageId))),
        letters.map(({ body }) => Buffer.from(body)),
      ],
    );
  } finally {
    await pool.end();
  }
}
