import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../../../db/package-root.js';
import { failureText } from '../../../../../services/cli/run-command.js';
import { FolderInUse, removeDataFolder } from '../../../../../services/cli/servers/data-folder.js';
import { processIdentity } from '../../../../../services/cli/servers/process-identity.js';
import { startServers } from '../../../../../services/cli/servers/start-servers.js';
import { dataFolder, OURS, ownServers, sql } from './fixture.helper.js';

const pidFile = z.object({ pid: z.number() });

async function pidsIn(dataDir: string): Promise<number[]> {
  const names = ['postgres.pid', 'nats.pid', 'temporal.pid'];
  const texts = await Promise.all(
    names.map((name) => readFile(join(dataDir, 'run', name), 'utf8')),
  );
  return texts.map((text) => pidFile.parse(JSON.parse(text)).pid);
}

async function running(pids: readonly number[]): Promise<number> {
  const identities = await Promise.all(pids.map(processIdentity));
  return identities.filter((identity) => identity !== undefined).length;
}

/** Runs the servers from the command line; resolves when they serve. */
async function commandLine(
  script: readonly string[],
  dataDir: string,
): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [...script, 'servers', '--memory', '--data', dataDir], {
    cwd: packageRoot(),
    env: OURS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  const served = expect.poll(() => lines, { timeout: 60_000 }).toContain('Ctrl-C stops them');
  await Promise.race([served, once(output, 'close')]);
  expect(lines).toContain('Ctrl-C stops them');
  return { child, lines };
}

describe('the servers of a folder', () => {
  it('leave nothing running, and nothing but their data', async () => {
    const dataDir = await dataFolder();
    const { servers } = await ownServers(dataDir);
    const pids = await pidsIn(dataDir);
    expect(await running(pids)).toBe(3);
    await servers.stop();
    expect(await running(pids)).toBe(0);
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
    await removeDataFolder(dataDir, () => undefined);
    await expect(access(dataDir)).rejects.toThrow('ENOENT');
  });

  it('have the ports of the last start, unless one is taken', async () => {
    const dataDir = await dataFolder();
    const first = await ownServers(dataDir);
    await first.servers.stop();
    const taken = createServer().listen(Number(new URL(first.servers.natsUrl).port), '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const second = await ownServers(dataDir);
    expect(second.servers.databaseUrl).toBe(first.servers.databaseUrl);
    expect(second.servers.temporalAddress).toBe(first.servers.temporalAddress);
    expect(second.servers.natsUrl).not.toBe(first.servers.natsUrl);
  });

  it('belong to one process at a time', async () => {
    const { dataDir, servers } = await ownServers(await dataFolder());
    await expect(ownServers(dataDir)).rejects.toThrow(FolderInUse);
    await expect(removeDataFolder(dataDir, () => undefined)).rejects.toThrow(FolderInUse);
    expect(await sql(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('are stopped by the next start when the process that started them was killed', async () => {
    const dataDir = await dataFolder();
    const { child } = await commandLine(['dist/services/cli/main.js'], dataDir);
    const left = await pidsIn(dataDir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await running(left)).toBe(3);
    const { lines, servers } = await ownServers(dataDir);
    expect(await running(left)).toBe(0);
    for (const [index, name] of ['postgres', 'nats', 'temporal'].entries()) {
      expect(lines).toContain(
        `stopped ${name}, left over from an earlier start (pid ${left[index] ?? 0})`,
      );
    }
    expect(await sql(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('are all stopped when one of them cannot start, whose log is shown', async () => {
    const dataDir = await dataFolder();
    const bin = join(dataDir, '..', 'bin');
    await mkdir(bin);
    const script =
      '#!/bin/sh\n[ "$1" = --version ] && echo v2.12.0 && exit\necho no stream; exit 3';
    await writeFile(join(bin, 'nats-server'), script, { mode: 0o755 });
    const env = { ...OURS, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    await expect(ownServers(dataDir, { env })).rejects.toThrow(
      /NATS: ended while starting. The end of .*nats.log:\nno stream/,
    );
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
  });

  it('do not start on a fixed port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = z.object({ port: z.number() }).parse(taken.address());
    const dataDir = await dataFolder();
    const options = { dataDir, durable: false, env: OURS, report: () => undefined };
    await expect(startServers({ ...options, ports: { nats: port } })).rejects.toThrow(
      `port ${port} for nats is used by another program`,
    );
  });

  it('stop starting when aborted', async () => {
    const dataDir = await dataFolder();
    const options = { dataDir, durable: false, env: OURS, report: () => undefined };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(startServers({ ...options, signal })).rejects.toThrow('enough');
    expect(await readdir(join(dataDir, 'run'))).toEqual([]);
  });
});

describe('an address in the environment that cannot be used', () => {
  it.each([
    ['DATABASE_URL', 'postgres://someone:hunter2@127.0.0.1:1/db', 'postgres://'],
    ['NATS_URL', 'nats://127.0.0.1:1', 'nats://127.0.0.1:1'],
    ['TEMPORAL_ADDRESS', '127.0.0.1:1', '127.0.0.1:1'],
  ])('%s ends the start; no other server is used', async (name, value, shown) => {
    const env = { ...OURS, QUITTANCE_SERVERS: 'environment,path,npm,built', [name]: value };
    const others = ['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'].filter((one) => one !== name);
    const cleared = Object.fromEntries(others.map((one) => [one, '']));
    const start = ownServers(await dataFolder(), { env: { ...env, ...cleared } });
    const error = await start.catch(String);
    expect(error).toContain(`${name} is set to ${shown}`);
    expect(error).not.toContain('hunter2');
  });
});

describe('the bootstrap', () => {
  it('passes Ctrl-C on once, waits, and exits as its command does', async () => {
    const dataDir = await dataFolder();
    const { child, lines } = await commandLine(['scripts/bootstrap.mjs'], dataDir);
    const pids = await pidsIn(dataDir);
    // The terminal and npm both send it.
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(lines.slice(-2)).toEqual(['stopping', 'stopped']);
    expect(await running(pids)).toBe(0);
  });

  it('ends its command when it is killed', async () => {
    const dataDir = await dataFolder();
    const { child } = await commandLine(['scripts/bootstrap.mjs'], dataDir);
    const pids = await pidsIn(dataDir);
    child.kill('SIGKILL');
    await expect.poll(() => running(pids), { timeout: 30_000 }).toBe(0);
    // The command unlocks its folder last.
    await expect.poll(() => readdir(join(dataDir, 'run')), { timeout: 30_000 }).toEqual([]);
  });
});

describe('servers that no source has', () => {
  it('are all reported at once, with what to install', async () => {
    const env = { PATH: '/nowhere', HOME: '/nowhere', QUITTANCE_SERVERS: 'path,npm,built' };
    const error = await ownServers(await dataFolder(), { env }).catch(failureOf);
    expect(error).toContain('No NATS server to run. Tried:\n    environment: left out');
    expect(error).toContain('    path: no temporal on PATH\n    built: no go on PATH');
    expect(error).toContain('  next: install nats-server 2.10');
    expect(error).toContain('  next: install the Temporal CLI');
  });
});

function failureOf(error: unknown): string {
  return failureText(error, false);
}
