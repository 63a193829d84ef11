import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const logLine = z.object({
  level: z.enum(['warn', 'error', 'fatal']),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

const LAST_CHARACTERS = 65_536;

/**
 * Why a process failed, from its log: the text that Node wrote when it died, else the last error it
 * logged, else its warnings, each once. Undefined when the log has none of them.
 */
export async function lastErrorIn(logFile: string): Promise<string | undefined> {
  const lines = (await readFile(logFile, 'utf8')).slice(-LAST_CHARACTERS).trim().split('\n');
  const lastLogged = lines.findLastIndex((line) => line.startsWith('{'));
  const text = lines.slice(lastLogged + 1).filter((line) => line !== '');
  if (text.length > 0) return text.find((line) => /^\w*Error\b/.test(line)) ?? text.join('\n');
  const logged = lines.flatMap((line) => logLine.safeParse(jsonOf(line)).data ?? []);
  const error = logged.findLast(({ level }) => level !== 'warn');
  if (error !== undefined) return textOf(error);
  if (logged.length === 0) return undefined;
  return [...new Map(logged.map((warning) => [warning.msg, textOf(warning)])).values()].join('; ');
}

function textOf({ msg, err }: z.output<typeof logLine>): string {
  return err === undefined ? msg : `${msg}: ${err.message}`;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
