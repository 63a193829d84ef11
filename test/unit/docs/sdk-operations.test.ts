import { fileURLToPath } from 'node:url';
import { OPERATIONS } from '@quittance/sdk';
import { pino } from 'pino';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { buildApi } from '../../../services/api/server.js';
import { operationsModule } from '../../../services/cli/sdk-types/operations-module.js';
import { createIntakeContext } from '../../../services/shared/intake-context.js';
import { createWebhookContext } from '../../../services/shared/webhook-context.js';
import { SimulatorNode } from '../../../adapters/lightning/simulator-client/simulator-node.js';
import { ENGINE_SETTINGS } from '../../support/engine-settings.js';

const document = await openapi();

/** Of an API whose database nobody asks. */
async function openapi(): Promise<unknown> {
  const url = 'http://127.0.0.1:1';
  const pool = createPool({
    ...{ connectionString: 'postgres://nobody@127.0.0.1:1/none', max: 1 },
    ...{ applicationName: 'docs', onError: () => undefined },
  });
  const secret = 'x'.repeat(32);
  const outboxChanged = (): void => undefined;
  const node = new SimulatorNode({ url, timeoutMs: 1 });
  const config = { secret, storeKey: undefined, apiUrl: url, webhookNetworks: [] };
  const app = buildApi({
    engine: { pool, node, ...ENGINE_SETTINGS, secret, outboxChanged },
    intake: createIntakeContext(config, { pool, outboxChanged }),
    webhooks: createWebhookContext(config, pool),
    ...{ reads: pool, logger: pino({ level: 'silent' }), opsRoutes: {} },
  });
  await app.ready();
  const { payload } = await app.inject({ method: 'GET', url: '/openapi.json' });
  const described: unknown = JSON.parse(payload);
  await app.close();
  await pool.end();
  return described;
}

test('sdk/src/operations.ts is current (if not, run npm run docs)', async () => {
  const file = fileURLToPath(new URL('../../../sdk/src/operations.ts', import.meta.url));
  const options = { ...(await resolveConfig(file)), parser: 'typescript' } as const;
  await expect(await format(operationsModule(document), options)).toMatchFileSnapshot(file);
});

/** What is not called by `client.call`: no JSON is answered. */
const NOT_JSON = /(events|bytes)$/;

test('the client has every operation of /v1', () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(document);
  const tagged = z.object({ 'x-access': z.string() });
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, described]) => tagged.safeParse(described).success)
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  const known: readonly string[] = Object.values(OPERATIONS);
  expect(listed.filter((one) => !known.includes(one) && !NOT_JSON.test(one))).toEqual([]);
  expect(listed.length).toBeGreaterThan(100);
});
