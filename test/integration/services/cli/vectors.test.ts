import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { formatExactJson, parseExactJson } from '../../../../domain/credits/exact-json.js';
import {
  createScratchSchema,
  type ScratchSchema,
} from '../../../../services/cli/credits/scratch-schema.js';
import { runVectors } from '../../../../services/cli/credits/run-vectors.js';
import { parseVectors, type VectorCase } from '../../../../services/cli/credits/vector-file.js';
import { emptyDatabase } from '../../../support/empty-database.js';

/** Where pyaleph behaves differently, and why: docs/credits.md. */
const deviationFile = z.record(
  z.string(),
  z.object({ reason: z.string(), expect: z.record(z.string(), z.unknown()) }),
);
const rawCases = z.array(
  z.looseObject({ id: z.bigint(), expect: z.record(z.string(), z.unknown()) }),
);

const theirsText = await vectorFile('credits.json');
const deviations = deviationFile.parse(parseExactJson(await vectorFile('credits-deviations.json')));
const theirs = parseVectors(theirsText);
const ours = parseVectors(
  formatExactJson(
    rawCases.parse(parseExactJson(theirsText)).map((vector) => ({
      ...vector,
      expect: { ...vector.expect, ...deviations[vector.id.toString()]?.expect },
    })),
  ),
);

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let scratch: ScratchSchema;

beforeAll(async () => {
  database = await emptyDatabase();
  scratch = await createScratchSchema(database.url);
});

afterAll(async () => {
  await scratch.drop();
  await database.drop();
});

test.each(ours.map((vector) => [vector.id, vector.name, vector] as const))(
  'case %s: %s',
  async (_id, _name, vector) => {
    expect(await differencesOf(vector)).toEqual([]);
  },
);

test.each(theirs.filter(({ id }) => id in deviations))(
  'case $id differs from the peer, as its deviation says',
  async (vector) => {
    expect(await differencesOf(vector)).not.toEqual([]);
  },
);

async function differencesOf(vector: VectorCase): Promise<readonly string[]> {
  for await (const { differences } of runVectors(scratch, [vector])) return differences;
  throw new Error('no case was run');
}

function vectorFile(name: string): Promise<string> {
  return readFile(new URL(`../../../vectors/${name}`, import.meta.url), 'utf8');
}
