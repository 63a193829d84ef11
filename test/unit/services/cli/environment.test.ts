import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { processEnvironment } from '../../../../services/cli/up/environment.js';
import { loadConfig } from '../../../../services/shared/config.js';

const servers = {
  databaseUrl: 'postgres://u@127.0.0.1:5001/q',
  natsUrl: 'nats://127.0.0.1:5002',
  temporalAddress: '127.0.0.1:5003',
};

test('the processes get the addresses of the servers and the given variables', async () => {
  const given = { PATH: '/bin', QUITTANCE_LOG_LEVEL: 'debug', QUITTANCE_OPS_PORT: '9000' };
  const { variables, apiUrl, lightningUrl, storeUrl } = await processEnvironment(given, servers);
  expect(variables).toMatchObject({ PATH: '/bin', QUITTANCE_LOG_LEVEL: 'debug' });
  const config = loadConfig(variables);
  expect(config).toMatchObject({
    ...servers,
    apiUrl,
    lightningUrl,
    storeSimulatorUrl: storeUrl,
    opsPort: 0,
  });
  expect(apiUrl).toBe(`http://127.0.0.1:${config.apiPort}`);
});

test('a used port is replaced, unless it was set', async () => {
  const holder = createServer().listen(8420, '127.0.0.1');
  // Another program that uses it does as well.
  holder.on('error', () => undefined);
  try {
    const chosen = await processEnvironment({}, servers);
    expect(loadConfig(chosen.variables).apiPort).toBeGreaterThan(8420);
    const asked = await processEnvironment({ QUITTANCE_API_PORT: '8420' }, servers);
    expect(asked.apiUrl).toBe('http://127.0.0.1:8420');
  } finally {
    holder.close();
  }
});

test('given URLs are kept', async () => {
  const given = {
    QUITTANCE_API_URL: 'https://pay.example',
    QUITTANCE_LIGHTNING_URL: 'http://127.0.0.1:7999',
    QUITTANCE_STORE_SIMULATOR_URL: 'http://127.0.0.1:7998',
  };
  expect(await processEnvironment(given, servers)).toMatchObject({
    apiUrl: 'https://pay.example',
    lightningUrl: 'http://127.0.0.1:7999',
    storeUrl: 'http://127.0.0.1:7998',
  });
});
