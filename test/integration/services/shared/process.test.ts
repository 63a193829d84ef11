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
  test('are shown while it runs, and nothing else is', async () => {
    const process = tiny();
    await process.logged('ready');
    expect(await get(process, '/healthz')).toEqual({ status: 200, text: '{"alive":true}\n' });
    expect((await get(process, '/readyz')).status).toBe(200);
    expect((await get(process, '/metrics')).text).toContain('process_cpu_seconds_total');
    expect((await get(process, '/other')).status).toBe(404);
    const posted = await fetch(`${await process.url}/healthz`, { method: 'POST' });
    expect(posted.status).toBe(405);
  });

  test('say that it is not ready before its setup is through', async () => {
    const process = tiny({ TINY_SETUP: 'hangs' });
    const { status, text } = await get(process, '/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({ ready: false, phase: 'starting', checks: {} });
  });
});

describe('told to stop', () => {
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

  test('twice: it exits 1 at once', async () => {
    const process = await withWorkInFlight();
    process.child.kill('SIGTERM');
    await process.logged('draining');
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(1);
    expect(process.messages()).toContain('second stop request: exiting at once');
  });

  test('and not through in time: it exits 1', async () => {
    const process = await withWorkInFlight({ QUITTANCE_SHUTDOWN_SECONDS: '0.2' });
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(1);
    expect(process.messages()).toContain('not drained in time: stopping at once');
  });

  test('while it starts: it stops what is started, and exits 0', async () => {
    const process = tiny({ TINY_SETUP: 'hangs' });
    await process.logged('listening');
    process.child.kill('SIGTERM');
    expect(await process.exit).toBe(0);
    expect(process.messages().slice(-2)).toEqual(['pool closed', 'stopped']);
  });

  test('while it starts, and its setup is through after that: it does not become ready', async () => {
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

  test('by the end of who started it: it drains', async () => {
    const process = tiny();
    await process.logged('ready');
    process.child.disconnect();
    expect(await process.exit).toBe(0);
    expect(await process.logged('draining')).toMatchObject({ reason: 'the parent is gone' });
  });
});

describe('what goes wrong', () => {
  test.each([
    ['throw', 'uncaughtException'],
    ['reject', 'unhandledRejection'],
  ])('what nobody catches (%s) is logged and ends it with 1', async (command, origin) => {
    const process = tiny();
    await process.logged('ready');
    process.child.send(command);
    expect(await process.exit).toBe(1);
    expect(await process.logged('nobody caught this')).toMatchObject({
      level: 'fatal',
      origin,
      err: { message: 'nobody expects this' },
    });
  });

  test('a setup that fails ends it with 1', async () => {
    const process = tiny({ TINY_SETUP: 'fails' });
    expect(await process.exit).toBe(1);
    expect(await process.logged('could not start')).toMatchObject({ err: { message: 'no luck' } });
  });

  test('a configuration that is refused is told on stderr, and ends it with 1', async () => {
    const process = tiny({ QUITTANCE_SHUTDOWN: '1' });
    expect(await process.exit).toBe(1);
    expect(process.stderr()).toContain('did you mean QUITTANCE_SHUTDOWN_SECONDS?');
    expect(process.messages()).toEqual([]);
  });
});
