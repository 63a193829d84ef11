import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Supervised } from '../../../../services/cli/up/supervised.js';
import { waitUntil } from '../../../support/wait-until.js';

const tinyService = fileURLToPath(new URL('../shared/tiny-service.mjs', import.meta.url));

let folder: string;
let reported: string[];
let waiting: (() => void)[];
let started: Supervised[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-up-'));
  reported = [];
  waiting = [];
  started = [];
});

afterEach(async () => {
  for (const process of started) process.kill();
  await rm(folder, { recursive: true });
});

function tiny(
  env: Readonly<Record<string, string>> = {},
  options = {},
  script = tinyService,
): Supervised {
  const spec = {
    name: 'tiny',
    script,
    logFile: join(folder, 'tiny.log'),
    env: {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      NATS_URL: 'nats://127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      ...env,
    },
  };
  const report = (line: string): void => {
    reported.push(line);
    for (const look of waiting) look();
  };
  const supervised = new Supervised(spec, {
    report,
    readyMs: 20_000,
    stopMs: 20_000,
    firstPauseMs: 1,
    ...options,
  });
  started.push(supervised);
  return supervised;
}

/** Waits until `count` lines were reported. */
function linesReported(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (reported.length >= count) resolve();
    };
    waiting.push(look);
    look();
  });
}

const log = (): Promise<string> => readFile(join(folder, 'tiny.log'), 'utf8');

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('start resolves when it is ready, and stop drains it', async () => {
  const process = tiny();
  await process.start();
  const { pid, url } = process;
  expect(isAlive(pid)).toBe(true);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await Promise.all([process.stop(), process.stop()]);
  expect(isAlive(pid)).toBe(false);
  expect(await log()).toMatch(/"msg":"pool closed".*\n.*"msg":"stopped"/);
  expect(reported).toEqual([]);
});

test('a killed process is restarted, and this is reported', async () => {
  const supervised = tiny();
  await supervised.start();
  const first = supervised.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await linesReported(2);
  const second = supervised.pid;
  expect(reported).toEqual([
    'tiny ended (SIGKILL): restarting it in 0.001 s',
    `tiny is running again (process ${second ?? '?'})`,
  ]);
  expect(second).not.toBe(first);
  expect((await fetch(`${supervised.url}/readyz`)).status).toBe(200);
  process.kill(second ?? 0, 'SIGKILL');
  await linesReported(4);
  expect(reported[2]).toBe('tiny ended (SIGKILL): restarting it in 0.002 s');
});

test('a process that cannot start is reported with its last error and not restarted', async () => {
  const process = tiny({ TINY_SETUP: 'fails' });
  await expect(process.start()).rejects.toThrow(
    'tiny ended (exit code 1) before it was ready: could not start: no luck',
  );
  expect(isAlive(process.pid)).toBe(false);
  expect(reported).toEqual([]);
});

test('a refused configuration is reported', async () => {
  await expect(tiny({ QUITTANCE_LOG_LEVEL: 'loud' }).start()).rejects.toThrow(
    /before it was ready: [^]*QUITTANCE_LOG_LEVEL/,
  );
});

test('a process that is not ready in time is stopped', async () => {
  const process = tiny({ TINY_SETUP: 'hangs' }, { readyMs: 1_000 });
  await expect(process.start()).rejects.toThrow('tiny was not ready in time');
  expect(isAlive(process.pid)).toBe(false);
});

test('a process that is not ready is reported with its failing checks and its warnings', async () => {
  const env = { TINY_CHECK: 'fails', TINY_WARNINGS: 'the town is far,it rains,the town is far' };
  const process = tiny(env);
  const failed = expect(process.start()).rejects.toThrow(
    /^tiny was stopped before it was ready \(soul: out of sorts\): the town is far: no answer; it rains: no answer$/,
  );
  // The second request comes after the first answer.
  await waitUntil('it was asked twice', async () => (await log()).split('"asked"').length > 2);
  await process.stop();
  await failed;
});

test('an error is reported rather than a warning', async () => {
  const env = { TINY_SETUP: 'fails', TINY_WARNINGS: 'the town is far' };
  await expect(tiny(env).start()).rejects.toThrow(/before it was ready: could not start: no luck$/);
});

test('stop while it starts ends it', async () => {
  const process = tiny({ TINY_SETUP: 'hangs' });
  const start = process.start();
  const failed = expect(start).rejects.toThrow('tiny was stopped before it was ready');
  await process.stop();
  await failed;
  await expect(process.start()).rejects.toThrow('tiny was stopped');
  expect(isAlive(process.pid)).toBe(false);
});

test('a process that never reports where it listens is stopped', async () => {
  const silent = join(folder, 'silent.mjs');
  await writeFile(silent, 'setInterval(() => undefined, 1000);');
  const process = tiny({}, { readyMs: 500 }, silent);
  await expect(process.start()).rejects.toThrow('tiny was not ready in time');
  expect(isAlive(process.pid)).toBe(false);
});

test('a process that does not drain in time is killed, after one SIGTERM', async () => {
  const supervised = tiny({ TINY_STOP: 'hangs' }, { stopMs: 1_000 });
  await supervised.start();
  const stop = supervised.stop();
  await waitUntil('it drains', async () => (await log()).includes('"draining"'));
  await Promise.all([stop, supervised.stop()]);
  expect(isAlive(supervised.pid)).toBe(false);
  expect(await log()).not.toContain('second stop request');
});
