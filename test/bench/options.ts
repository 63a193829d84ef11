import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Sizes } from './bench.js';
import { PARTS } from './parts.js';
import type { Part } from './part.js';

export const USAGE = `usage: npm run bench [-- NAME ...] [options]

  NAME             measure only these parts: ${PARTS.map(({ name }) => name).join(', ')}
  --rounds N       rounds; each measures every part once (default 3)
  --json FILE      write every figure with unit, spread and samples
  --waiting N      at the end, measure invoice updates again with N workflows waiting and a restarted worker
  --durable        PostgreSQL with fsync and Temporal on disk
  --burst N        openings in a burst (default 2000)
  --updates N      invoice updates in a burst (default 1000)
  --quiet N        calls of a measure that makes one at a time (default 200)
  --seconds N      length of a sustained measure (default 15)`;

export interface RunOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly json?: string;
  readonly waiting: number;
  readonly durable: boolean;
  readonly sizes: Sizes;
}

const count = (normal: number) => z.coerce.number().int().min(1).default(normal);
const values = z.object({
  rounds: count(3),
  json: z.string().exactOptional(),
  waiting: z.coerce.number().int().min(0).default(0),
  durable: z.boolean().default(false),
  burst: count(2000),
  updates: count(1000),
  quiet: count(200),
  seconds: count(15),
});

/** Undefined if the arguments are invalid. */
export function parseOptions(args: readonly string[]): RunOptions | undefined {
  try {
    const string = { type: 'string' } as const;
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ rounds: string, json: string, waiting: string, burst: string, updates: string },
        ...{ quiet: string, seconds: string, durable: { type: 'boolean' } },
      },
    });
    const { rounds, json, waiting, durable, ...sizes } = values.parse(parsed.values);
    const parts = chosen(parsed.positionals);
    if (parts === undefined) return undefined;
    return { parts, rounds, waiting, durable, sizes, ...(json === undefined ? {} : { json }) };
  } catch {
    return undefined;
  }
}

function chosen(names: readonly string[]): readonly Part[] | undefined {
  if (names.length === 0) return PARTS;
  const parts = PARTS.filter(({ name }) => names.includes(name));
  return parts.length === new Set(names).size ? parts : undefined;
}
