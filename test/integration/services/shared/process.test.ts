import { afterEach, describe, expect, test } from 'vitest';
import { startTiny, type TinyProcess } from './tiny-process.helper.js';

const started: TinyProcess[] = [];

afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});

function tiny(env: Readonly<Record<string, string>> = {}): TinyProcess {
  const process = startTiny(env);
  started.push(process);
  return process;
}

async function withWorkInFlight(env: Readonly<Record<string, string>> = {}): Promise<TinyProcess> {
  const process = tiny(env);
  await process.logged('ready');
  process.child.send('begin work');
  await process.logged('work begun');
  return process;
}

async function get(process: TinyProcess, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${await process.url}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('health and metrics', () => {
  test('are served while it runs, and nothing else is', async () => {
    const process = tiny();
    await process.logged('ready');
    expect(await get(process, '/healthz')).toEqual({ status: 200, text: '{"alive":true}\n' });
    expect((await get(process, '/readyz')).status).toBe(200);
    expect((await get(process, '/metrics')).text).toContain('process_cpu_seconds_total');
    expect((await get(process, '/other')).status).toBe(404);
    const posted = await fetch(`${await process.url}/healthz`, { method: 'POST' });
    expect(posted.status).toBe(405);
  });

  test('show that it is not ready before its setup has finished', async () => {
    const process = tiny({ TINY_SETUP: 'hangs' });
    const { status, text } = await get(process, '/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({ ready: false, phase: 'starting', checks: {} });
  });
});

describe('stopping a process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: it is not ready at once, finishes what runs, closes the pool last, exits 0',
    async (signal) => {
      const process = await withWorkInFlight();
      process.child.kill(signal);
      await process.logged('intake closed');
      expect((await get(process, '/readyz')).status).toBe(503);
      expect((await get(process, '/healthz')).status).toBe(200);
      expect(process.messages()).not.toContain('pool closed');
      process.child.send('finish work');
      expect(await process.exit).toBe(0);
      expect(process.messages().slice(-5)).toEqual([
        'draining',
        'intake closed',
        'work finished',
        'pool closed',
        'stopped',
      ]);
    },
  );

  test('with two signals: it exits 1 at once', async () => {
    const process = await withWorkInFlight();
    process.child.kill('SIGTERM');
    await process.logged('draining');
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(1);
    expect(process.messages()).toContain('second stop request: exiting at once');
  });

  test('that does not drain in time: it exits 1', async () => {
    const process = await withWorkInFlight({ QUITTANCE_SHUTDOWN_SECONDS: '0.2' });
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(1);
    expect(process.messages()).toContain('not drained in time: exiting at once');
  });

  test('while it starts: it stops what was started, and exits 0', async () => {
    const process = tiny({ TINY_SETUP: 'hangs' });
    await process.logged('listening');
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(0);
    expect(process.messages().slice(-2)).toEqual(['pool closed', 'stopped']);
  });

  test('while it starts, with a setup that finishes later: it does not become ready', async () => {
    const process = tiny({ TINY_SETUP: 'hangs' });
    await process.logged('listening');
    process.child.send('begin work');
    await process.logged('work begun');
    process.child.kill('SIGTERM');
    await process.logged('draining');
    process.child.send('finish setup');
    await process.logged('set up');
    expect((await get(process, '/readyz')).status).toBe(503);
    process.child.send('finish work');
    expect(await process.exit).toBe(0);
    expect(process.messages()).not.toContain('ready');
  });

  test('by the end of its parent process: it drains', async () => {
    const process = tiny();
    await process.logged('ready');
    process.child.disconnect();
    expect(await process.exit).toBe(0);
    expect(await process.logged('draining')).toMatchObject({ reason: 'the parent process ended' });
  });
});

describe('an error', () => {
  test.each([
    ['throw', 'uncaughtException'],
    ['reject', 'unhandledRejection'],
  ])('that is not caught (%s) is logged and ends it with exit code 1', async (command, origin) => {
    const process = tiny();
    await process.logged('ready');
    process.child.send(command);
    expect(await process.exit).toBe(1);
    expect(await process.logged('uncaught error: exiting')).toMatchObject({
      level: 'fatal',
      origin,
      err: { message: 'nobody expects this' },
    });
  });

  test('in the setup ends it with exit code 1', async () => {
    const process = tiny({ TINY_SETUP: 'fails' });
    expect(await process.exit).toBe(1);
    expect(await process.logged('could not start')).toMatchObject({ err: { message: 'no luck' } });
  });

  test('in the configuration is written to stderr, and ends it with exit code 1', async () => {
    const process = tiny({ QUITTANCE_SHUTDOWN: '1' });
    expect(await process.exit).toBe(1);
    expect(process.stderr()).toContain('did you mean QUITTANCE_SHUTDOWN_SECONDS?');
    expect(process.messages()).toEqual([]);
  });
});
