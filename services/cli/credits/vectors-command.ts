import { readFile } from 'node:fs/promises';
import { loadConfigPart } from '../../shared/config.js';
import { CommandError, messageOf } from '../run-command.js';
import { runVectors } from './run-vectors.js';
import { createScratchSchema } from './scratch-schema.js';
import { parseVectors, type VectorCase } from './vector-file.js';

/** Prints each difference, then `N passed, N failed`. Sets the exit code to 1 when a case failed. */
export async function vectorsCommand(file: string, say: (line: string) => void): Promise<void> {
  const { databaseUrl } = loadConfigPart(['DATABASE_URL']);
  const vectors = await readVectors(file);
  const scratch = await createScratchSchema(databaseUrl);
  let failed = 0;
  try {
    for await (const { vector, differences } of runVectors(scratch, vectors)) {
      if (differences.length === 0) continue;
      failed += 1;
      say(`case ${vector.id} ${vector.name}`);
      for (const difference of differences) say(`  ${difference}`);
    }
  } finally {
    await scratch.drop();
  }
  say(`${vectors.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

async function readVectors(file: string): Promise<readonly VectorCase[]> {
  try {
    return parseVectors(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandError(
      `${file}: ${messageOf(error)}`,
      'use a file in the format of test/vectors/credits.json',
      { cause: error },
    );
  }
}
