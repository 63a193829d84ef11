import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeDataFolder } from '../../../../../services/cli/servers/data-folder.js';
import { fallbackFolder } from '../../../../../services/cli/servers/postgres/fallback-folder.js';
import { dataFolder, ownServers, sql } from './fixture.helper.js';

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('as root, where PostgreSQL runs as another user', () => {
  it('a closed data folder is made passable, and has the data', async () => {
    const dataDir = await dataFolder();
    await mkdir(dataDir, { mode: 0o700 });
    await ownServers(dataDir);
    await access(join(dataDir, 'postgres', 'PG_VERSION'));
    await expect(access(fallbackFolder(dataDir))).rejects.toThrow('ENOENT');
  });

  it('a closed folder above it stays closed: the data is in another folder, which is reported', async () => {
    const dataDir = await dataFolder();
    await chmod(dirname(dataDir), 0o700);
    const { servers, lines } = await ownServers(dataDir);
    const folder = fallbackFolder(dataDir);
    expect(lines).toContainEqual(expect.stringContaining(`its data is in ${folder}`));
    await sql(servers.databaseUrl, 'create table kept as select 7 as seven');
    await servers.stop();
    const again = await ownServers(dataDir);
    expect(await sql(again.servers.databaseUrl, 'select seven from kept')).toEqual([{ seven: 7 }]);
    await again.servers.stop();
    await removeDataFolder(dataDir, () => undefined);
    await expect(access(folder)).rejects.toThrow('ENOENT');
  });
});

describe('data of another major version', () => {
  it('is not touched, and every PostgreSQL that was found is named', async () => {
    const dataDir = await dataFolder();
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '9\n');
    const start = ownServers(dataDir);
    await expect(start).rejects.toThrow(
      /No PostgreSQL to run[^]*but the data in .* was created by 9/,
    );
    await expect(start).rejects.toThrow('npm: ');
  });
});
