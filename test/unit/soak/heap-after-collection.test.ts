import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  heapAfterCollection,
  INSPECTABLE,
  inspectorUrl,
} from '../../soak/chaos/heap-after-collection.js';
import { waitUntil } from '../../support/wait-until.js';

const MIB = 1024 * 1024;

/** A script that keeps so many MiB in its main thread and in a worker thread, after creating 40 MiB of garbage in both. */
function scriptKeeping(main: number, other: number): string {
  const hold = (mib: number): string =>
    `globalThis.kept = Array.from({ length: ${mib} }, () => new Array(131072).fill(0.5));
     globalThis.gone = Array.from({ length: 40 }, () => new Array(131072).fill(0.5));
     globalThis.gone = undefined;
     setInterval(() => undefined, 60000);`;
  return `new (require('node:worker_threads').Worker)(${JSON.stringify(hold(other))}, { eval: true }); ${hold(main)}`;
}

function answerWithError(socket: WebSocket): void {
  socket.send(JSON.stringify({ id: 1, error: { message: 'no such domain' } }));
}

let inspected: ChildProcess | undefined;
afterEach(() => inspected?.kill('SIGKILL'));

async function start(script: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: INSPECTABLE };
  const child = spawn(process.execPath, ['-e', script], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  inspected = child;
  let output = '';
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return waitUntil('it can be inspected', () => output.includes('ws://') && inspectorUrl(output));
}

describe('the heap after a collection', () => {
  it('is what all threads of a process keep, without garbage', async () => {
    const url = await start(scriptKeeping(20, 30));
    const used = await waitUntil('both threads have filled', async () => {
      const mib = (await heapAfterCollection(url)) / MIB;
      return mib > 50 && mib;
    });
    expect(used).toBeLessThan(70);
  });

  it('has a timeout: a process that does not answer is reported', async () => {
    const url = await start(scriptKeeping(1, 1));
    inspected?.kill('SIGSTOP');
    await expect(heapAfterCollection(url, 200)).rejects.toThrow('not answered within 0.2 s');
  });

  it.each([
    ['an error of the inspector', answerWithError, 'inspector: no such domain'],
    [
      'a process that ends in the meantime',
      (socket: WebSocket) => socket.close(),
      'closed the connection',
    ],
  ])('rejects on %s', async (_, answer, message) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => socket.on('message', () => answer(socket)));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const asked = heapAfterCollection(`ws://127.0.0.1:${port}`);
      await expect(asked).rejects.toThrow(message);
    } finally {
      server.close();
    }
  });

  it('is read from the process that was started last', () => {
    const line = (port: number): string => `Debugger listening on ws://127.0.0.1:${port}/a\nmore\n`;
    expect(inspectorUrl(`${line(1)}{"level":"info"}\n${line(2)}`)).toBe('ws://127.0.0.1:2/a');
    expect(() => inspectorUrl('{"level":"info"}')).toThrow('no inspector listens');
  });
});
