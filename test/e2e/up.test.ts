import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDataFolder } from '../support/shared-servers.js';
import { waitUntil } from '../support/wait-until.js';
import { alive, RunningUp } from './running-up.helper.js';

let dataDir: string;
let remove: () => Promise<void>;
let started: RunningUp[];

beforeEach(async () => {
  started = [];
  ({ dataDir, remove } = await temporaryDataFolder(() => undefined));
});

afterEach(async () => {
  for (const run of started) run.kill('SIGKILL');
  await Promise.all(started.map((run) => run.ended()));
  await remove();
});

function up(...options: string[]): RunningUp {
  const run = new RunningUp(dataDir, { options });
  started.push(run);
  return run;
}

const operatorToken = (): Promise<string> => readFile(join(dataDir, 'operator-token'), 'utf8');

it('starts everything, runs the demo and stops everything; a second start finds the data of the first', async () => {
  const first = up('--once');
  expect(await first.ended()).toBe(0);
  expect(first.output.trimEnd().split('\n').at(-1)).toMatch(/^demo: [1-9]\d* passed, 0 failed$/);
  expect(first.processes()).toHaveLength(7);
  expect(await alive(first.processes())).toEqual([]);
  expect((await stat(join(dataDir, 'operator-token'))).mode & 0o777).toBe(0o600);
  const token = await operatorToken();

  const second = up();
  await second.prints('It runs until Ctrl-C');
  expect(second.output).toContain('database: up to date');
  expect(await operatorToken()).toBe(token);
  const pids = [...second.processes(), ...(await second.servers())];
  expect(await alive(pids)).toHaveLength(10);

  const third = up('--once', '--fresh');
  expect(await third.ended()).toBe(1);
  expect(third.output).toContain('quittance up is running here already');
  expect(await alive(pids)).toHaveLength(10);

  second.kill('SIGINT');
  expect(await second.ended()).toBe(0);
  expect(await alive(pids)).toEqual([]);
});

it('stopped during the start, it stops everything that has started', async () => {
  const run = up();
  await run.prints('starting the processes');
  const servers = await run.servers();
  expect(await alive(servers)).toHaveLength(3);
  run.kill('SIGTERM');
  expect(await run.ended()).toBe(130);
  expect(await alive(servers)).toEqual([]);
});

it('after SIGKILL its processes end by themselves, and the next start stops its servers', async () => {
  const killed = up();
  await killed.prints('operator token');
  const servers = await killed.servers();
  killed.kill('SIGKILL');
  await waitUntil(
    'the processes are gone',
    async () => (await alive(killed.processes())).length === 0,
    60_000,
  );
  expect(await alive(servers)).toHaveLength(3);

  const next = up();
  await next.prints('starting the processes');
  expect(await alive(servers)).toEqual([]);
  next.kill('SIGINT');
  expect(await next.ended()).toBe(130);
});
