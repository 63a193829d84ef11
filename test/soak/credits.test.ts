import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createScratchSchema,
  type ScratchSchema,
} from '../../services/cli/credits/scratch-schema.js';
import { startPostgresAlone } from '../../services/cli/servers/start-servers.js';
import type { DatabaseServer } from '../../services/cli/servers/types.js';
import { storedEqualsModel } from '../integration/engine/credits/stored-and-model.helper.js';
import { storedEqualsRebuilt } from '../integration/engine/credits/stored-and-rebuilt.helper.js';
import { runConcurrently } from '../integration/engine/credits/concurrent-operations.helper.js';

/** Set by `npm run test:soak -- --minutes 20 --seed 7`; each of the four tests takes a tenth of it. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const EACH_MS = (MINUTES * 60_000) / 10;
const CONNECTIONS = 16;
const RUNS = 50;

let folder: string;
let server: DatabaseServer;
let scratch: ScratchSchema;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-credits-'));
  await chmod(folder, 0o711);
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const dataDir = join(folder, 'data');
  server = await startPostgresAlone({ dataDir, durable: false, env: process.env, report });
  scratch = await createScratchSchema(server.databaseUrl, CONNECTIONS);
});
afterAll(async () => {
  await scratch.drop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Repeats a round with consecutive seeds until the time is over. An error names the seed. */
async function rounds(what: string, round: (seed: number) => Promise<void>): Promise<void> {
  const end = Date.now() + EACH_MS;
  let seed = SEED;
  do {
    try {
      await round(seed);
    } catch (error) {
      throw new Error(`${what} failed with --seed ${seed}`, { cause: error });
    }
    seed += 1;
  } while (Date.now() < end);
  process.stdout.write(`credits, ${what}: ${seed - SEED} rounds, seeds ${SEED} to ${seed - 1}\n`);
}

describe(`credits, ${MINUTES} minutes, seed ${SEED}`, () => {
  it.each(['aleph', 'actions'] as const)('%s: stored = model = rebuilt', (name) =>
    rounds(`stored = model = rebuilt in ${name}`, (seed) =>
      fc.assert(storedEqualsModel(scratch, name), { seed, numRuns: RUNS }),
    ),
  );

  it('refunds: stored = rebuilt', () =>
    rounds('refunds: stored = rebuilt', (seed) =>
      fc.assert(storedEqualsRebuilt(scratch), { seed, numRuns: RUNS }),
    ));

  it('16 concurrent connections', () =>
    rounds('16 concurrent connections', async (seed) => {
      await scratch.empty();
      const size = { connections: CONNECTIONS, operationsEach: 50, seed };
      expect(await runConcurrently(scratch, size)).toBeGreaterThan(CONNECTIONS);
    }));
});
