import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../db/package-root.js';
import { temporaryDataFolder } from '../support/shared-servers.js';
import { waitUntil } from '../support/wait-until.js';
import { alive, RunningUp, serversIn } from './running-up.helper.js';
import { quittance, run } from './shell.helper.js';

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

  await theCommandLineFindsIt(second);

  const down = await here('down');
  expect(down).toEqual({ exitCode: 0, output: 'stopped\n' });
  expect(await second.ended()).toBe(0);
  expect(await alive(pids)).toEqual([]);
  // 2: there was nothing to look at.
  expect((await here('status')).exitCode).toBe(2);
  expect((await here('env')).exitCode).toBe(2);
  expect(await here('down')).toEqual({ exitCode: 0, output: 'nothing runs here\n' });
});

const here = (...args: readonly string[]): ReturnType<typeof quittance> =>
  quittance({ QUITTANCE_DATA_DIR: dataDir }, ...args);

/** `status`, `env`, and every other command, with the three exit codes. */
async function theCommandLineFindsIt(running: RunningUp): Promise<void> {
  const well = await here('status');
  expect(well.exitCode, well.output).toBe(0);
  for (const what of ['API', 'PostgreSQL', 'NATS', 'Temporal']) {
    expect(well.output).toMatch(new RegExp(`^${what} .*answers$`, 'm'));
  }
  // Not a terminal: no colours.
  expect(well.output).not.toContain('\u001b');

  for (const file of ['env', 'operator-token', 'secret', 'signing-keys']) {
    expect((await stat(join(dataDir, file))).mode & 0o777, file).toBe(0o600);
  }

  const env = await here('env');
  expect(env.exitCode).toBe(0);
  const main = join(packageRoot(), 'dist/services/cli/main.js');
  const script = `eval "$ENV"; node ${main} operator list && echo "$QUITTANCE_API_URL"`;
  const shell = await run('bash', ['-c', script], { ENV: env.output, NO_COLOR: '1' });
  expect(shell.exitCode, shell.output).toBe(0);
  expect(shell.output).toMatch(/^operator +operator.*^http:/ms);

  expect((await here('doctor')).exitCode).toBe(0);
  // What it did by the command line is in the audit.
  expect((await here('operator', 'audit', '--json')).output).toContain('"act":"operator list"');
  // 1: refused. 2: an argument that is none, a server that does not answer.
  expect((await here('operator', 'token', 'nobody')).exitCode).toBe(1);
  expect((await here('operator', 'tokne')).exitCode).toBe(2);
  const elsewhere = { DATABASE_URL: 'postgres://127.0.0.1:1/none', QUITTANCE_DATA_DIR: dataDir };
  expect((await quittance(elsewhere, 'doctor')).exitCode).toBe(2);
  expect(await here('--version')).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
  });

  const [, pid] = /^api +(\d+) /m.exec(running.output) ?? [];
  process.kill(Number(pid), 'SIGSTOP');
  try {
    const broken = await here('status');
    expect(broken.exitCode, broken.output).toBe(1);
    expect(broken.output).toContain('something does not answer');
  } finally {
    process.kill(Number(pid), 'SIGCONT');
  }
}

it('SIGTERM to npm stops everything that npm start has started', async () => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'].includes(name),
  );
  const npm = spawn('npm', ['start'], {
    cwd: packageRoot(),
    env: { ...Object.fromEntries(inherited), QUITTANCE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(npm, 'exit');
  await waitUntil('the processes start', () => output.includes('starting the processes'), 240_000);
  const owner = z
    .object({ pid: z.int() })
    .parse(JSON.parse(await readFile(join(dataDir, 'run', 'owner.pid'), 'utf8')));
  const servers = await serversIn(dataDir);
  expect(await alive([owner.pid, ...servers])).toHaveLength(1 + servers.length);
  npm.kill('SIGTERM');
  await ended;
  await waitUntil(
    'everything is gone',
    async () => (await alive([owner.pid, ...servers])).length === 0,
    60_000,
  );
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
