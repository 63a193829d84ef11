import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Sizes } from './bench.js';
import { PARTS } from './parts.js';
import type { Part } from './part.js';

export const USAGE = `usage: npm run bench [-- NAME ...] [options]

  NAME             only these parts: ${PARTS.map(({ name }) => name).join(', ')}
  --rounds N       rounds, in which the parts take turns (default 3)
  --json FILE      every figure with unit, spread and samples
  --waiting N      at the end, facts once more with so many workflows waiting and the worker started anew
  --durable        PostgreSQL with fsync and Temporal on disk
  --burst N        openings in a burst (default 2000)
  --facts N        facts in a burst (default 1000)
  --quiet N        calls of a quiet measure (default 200)
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
  facts: count(1000),
  quiet: count(200),
  seconds: count(15),
});

/** Undefined when they cannot be understood. */
export function parseOptions(args: readonly string[]): RunOptions | undefined {
  try {
    const string = { type: 'string' } as const;
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ rounds: string, json: string, waiting: string, burst: string, facts: string },
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
