import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startPostgresAlone } from '../../services/cli/servers/start-servers.js';
import type { DatabaseServer } from '../../services/cli/servers/types.js';
import {
  type ChargedSatellite,
  chargedApi,
} from '../integration/services/api/satellite/charge.helper.js';
import { RACES } from '../integration/services/api/satellite/race-rounds.helper.js';

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 20);

describe('the Satellite API under concurrent requests, for long', () => {
  let api: ChargedSatellite;
  let folder: string;
  let server: DatabaseServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quittance-satellite-'));
    await chmod(folder, 0o711);
    const report = (line: string): void => void process.stdout.write(`${line}\n`);
    const dataDir = join(folder, 'data');
    server = await startPostgresAlone({ dataDir, durable: false, env: process.env, report });
    process.env['DATABASE_URL'] = server.databaseUrl;
    api = await chargedApi();
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(Object.entries(RACES))(`%s, ${ROUNDS} rounds`, async (_name, round) => {
    for (let n = 0; n < ROUNDS; n += 1) await round(api);
  });
});
