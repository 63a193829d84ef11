import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const complaint = z.object({
  level: z.enum(['warn', 'error', 'fatal']),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

const LAST_CHARACTERS = 65_536;

/**
 * What a process said last of what is wrong: the text it died with, or the last error it logged, or where there is none its
 * warnings, each once.
 */
export async function lastComplaint(logFile: string): Promise<string | undefined> {
  const lines = (await readFile(logFile, 'utf8')).slice(-LAST_CHARACTERS).trim().split('\n');
  const lastLogged = lines.findLastIndex((line) => line.startsWith('{'));
  const text = lines.slice(lastLogged + 1).filter((line) => line !== '');
  if (text.length > 0) return text.find((line) => /^\w*Error\b/.test(line)) ?? text.join('\n');
  const logged = lines.flatMap((line) => complaint.safeParse(parseOrUndefined(line)).data ?? []);
  const error = logged.findLast(({ level }) => level !== 'warn');
  if (error !== undefined) return shown(error);
  if (logged.length === 0) return undefined;
  return [...new Map(logged.map((warning) => [warning.msg, shown(warning)])).values()].join('; ');
}

function shown({ msg, err }: z.output<typeof complaint>): string {
  return err === undefined ? msg : `${msg}: ${err.message}`;
}

function parseOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
