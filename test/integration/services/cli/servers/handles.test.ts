import { WorkflowNotFoundError } from '@temporalio/client';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../../../domain/names/search-attributes.js';
import type { ServerHandle } from '../../../../../services/cli/servers/types.js';
import { dataFolder, onJetStream, onTemporal, ownServers, sql } from './fixture.helper.js';

const stopped = (handle: ServerHandle): Promise<void> => handle.stop();
const killed = (handle: ServerHandle): Promise<void> => handle.kill();

describe.each([
  ['stopped', stopped],
  ['killed', killed],
])('servers that are %s and started again', (_, end) => {
  it('keep their data and their ports', async () => {
    const { servers } = await ownServers(await dataFolder(), { durable: true });
    const { postgres, nats, temporal } = servers;
    await sql(servers.databaseUrl, 'create table kept as select 7 as seven');
    await onJetStream(servers.natsUrl, (manager) =>
      manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] }),
    );
    await onTemporal(servers.temporalAddress, ({ workflow }) =>
      workflow.start('nobodyServesThis', { taskQueue: 'nowhere', workflowId: 'kept' }),
    );

    for (const handle of [postgres, nats, temporal]) await end(handle);
    await expect(sql(servers.databaseUrl, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await expect(onJetStream(servers.natsUrl, () => Promise.resolve())).rejects.toThrow();
    await Promise.all([postgres.start(), nats.start(), temporal.start()]);

    expect(await sql(servers.databaseUrl, 'select seven from kept')).toEqual([{ seven: 7 }]);
    const stream = await onJetStream(servers.natsUrl, (manager) => manager.streams.info('KEPT'));
    expect(stream.config.subjects).toEqual(['kept.>']);
    const found = await onTemporal(servers.temporalAddress, ({ workflow }) =>
      workflow.getHandle('kept').describe(),
    );
    expect(found.status.name).toBe('RUNNING');
  });
});

describe('a server', () => {
  it('comes back empty when it is emptied', async () => {
    const { servers } = await ownServers(await dataFolder(), { durable: true });
    const { postgres, nats, temporal } = servers;
    await sql(servers.databaseUrl, 'create table kept as select 7 as seven');
    await onJetStream(servers.natsUrl, (manager) =>
      manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] }),
    );
    await onTemporal(servers.temporalAddress, ({ workflow }) =>
      workflow.start('nobodyServesThis', { taskQueue: 'nowhere', workflowId: 'kept' }),
    );

    await Promise.all([postgres.empty?.(), nats.empty?.(), temporal.empty?.()]);

    await expect(sql(servers.databaseUrl, 'select seven from kept')).rejects.toThrow('not exist');
    expect(await onJetStream(servers.natsUrl, (manager) => manager.streams.names().next())).toEqual(
      [],
    );
    await onTemporal(servers.temporalAddress, async ({ workflow, connection }) => {
      await expect(workflow.getHandle('kept').describe()).rejects.toThrow(WorkflowNotFoundError);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
    });
  });

  it('is not started twice, and can be stopped twice', async () => {
    const { servers } = await ownServers(await dataFolder());
    await expect(servers.nats.start()).rejects.toThrow('NATS is running already');
    await servers.nats.stop();
    await servers.nats.stop();
    await servers.nats.kill();
    await servers.nats.start();
  });

  it('can be started again when it ended by itself', async () => {
    const { servers } = await ownServers(await dataFolder());
    await sql(servers.databaseUrl, 'create table kept as select 7 as seven');
    const [postmaster] = await sql(servers.databaseUrl, POSTMASTER);
    process.kill(Number(Object.values(postmaster ?? {})[0]), 'SIGKILL');
    await expect.poll(() => servers.postgres.start().then(() => true, String)).toBe(true);
    expect(await sql(servers.databaseUrl, 'select seven from kept')).toEqual([{ seven: 7 }]);
  });

  it('from the environment is used, and never stopped', async () => {
    const { servers: theirs } = await ownServers(await dataFolder());
    const dataDir = await dataFolder();
    const { servers } = await ownServers(dataDir, {
      env: {
        ...process.env,
        DATABASE_URL: theirs.databaseUrl,
        NATS_URL: theirs.natsUrl,
        TEMPORAL_ADDRESS: theirs.temporalAddress,
      },
    });
    expect(servers.natsUrl).toBe(theirs.natsUrl);
    expect(servers.temporalUiUrl).toBeUndefined();
    for (const handle of [servers.postgres, servers.nats, servers.temporal]) {
      expect(handle.source).toBe('environment');
      for (const verb of ['stop', 'kill', 'start'] as const) {
        await expect(handle[verb]()).rejects.toThrow(
          /comes from [A-Z_]+: \w+ it where it was started/,
        );
      }
    }
    await servers.stop();
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
    expect(await sql(theirs.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

/** The first line of its lock file is its process id. */
const POSTMASTER = `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)`;
