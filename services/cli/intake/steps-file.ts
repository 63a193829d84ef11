import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import { CommandError, messageOf } from '../run-command.js';

const HEADING = 'status,entered_at,left_at';

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const line = z
  .tuple([z.string().min(1), time, z.union([z.literal('').transform(() => null), time])])
  .refine(([, enteredAt, leftAt]) => leftAt === null || leftAt >= enteredAt, {
    message: 'the end is before the beginning',
  });

/** The stays in one status of a CSV file with the columns status, entered_at and left_at; left_at is empty while it lasts. */
export async function readStepsFile(path: string, status: string): Promise<Stay[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(messageOf(error), 'give the path of a CSV file', { cause: error });
  });
  const [heading, ...lines] = text.split(/\r?\n/);
  if (heading !== HEADING) {
    throw new CommandError(`${path} does not begin with ${HEADING}`, 'add that line');
  }
  return lines.flatMap((content, index) => {
    if (content === '') return [];
    const parsed = line.safeParse(content.split(','));
    if (!parsed.success) {
      throw new CommandError(
        `${path}, line ${index + 2}: ${z.prettifyError(parsed.error)}`,
        'write times like 2026-12-01T09:00:00Z',
      );
    }
    const [of, enteredAt, leftAt] = parsed.data;
    return of === status ? [{ enteredAt, leftAt }] : [];
  });
}
