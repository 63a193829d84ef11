import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const complaint = z.object({
  level: z.enum(['warn', 'error', 'fatal']),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

const LAST_CHARACTERS = 16_384;

/**
 * What a process said last of what is wrong: the text it died with, or the last error it logged,
 * or where there is none the last warning.
 */
export async function lastComplaint(logFile: string): Promise<string | undefined> {
  const lines = (await readFile(logFile, 'utf8')).slice(-LAST_CHARACTERS).trim().split('\n');
  const lastLogged = lines.findLastIndex((line) => line.startsWith('{'));
  const text = lines.slice(lastLogged + 1).filter((line) => line !== '');
  if (text.length > 0) return text.find((line) => /^\w*Error\b/.test(line)) ?? text.join('\n');
  const logged = lines.flatMap((line) => complaint.safeParse(parseOrUndefined(line)).data ?? []);
  const last = logged.findLast(({ level }) => level !== 'warn') ?? logged.at(-1);
  if (last?.err === undefined) return last?.msg;
  return `${last.msg}: ${last.err.message}`;
}

function parseOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
