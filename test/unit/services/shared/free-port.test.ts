import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort, isFree, newPort } from '../../../../services/shared/free-port.js';

const HOST = '127.0.0.1';

let holder: Server | undefined;

afterEach(() => holder?.close());

async function hold(port: number): Promise<void> {
  holder = createServer().listen(port, HOST);
  await once(holder, 'listening');
}

/** The first port for outgoing connections by default on Linux; other systems begin higher. */
const LOWEST_OF_CONNECTIONS = 32_768;

test('a new port is free, and never used for outgoing connections', async () => {
  for (let n = 0; n < 200; n += 1) {
    const port = await newPort(HOST);
    expect(port).toBeLessThan(LOWEST_OF_CONNECTIONS);
    expect(await isFree(HOST, port)).toBe(true);
  }
});

test('a new port is none of those in `taken`', async () => {
  const all = new Set(Array.from({ length: 65_536 }, (_, port) => port));
  await expect(newPort(HOST, all)).rejects.toThrow('no free port of 127.0.0.1');
});

test('the preferred port is used if it is free, else another one', async () => {
  const preferred = await newPort(HOST);
  expect(await freePort(HOST, preferred)).toBe(preferred);
  await hold(preferred);
  expect(await isFree(HOST, preferred)).toBe(false);
  const other = await freePort(HOST, preferred);
  expect(other).not.toBe(preferred);
  expect(await isFree(HOST, other)).toBe(true);
});

test('a host of another machine is an error, not a used port', async () => {
  await expect(freePort('192.0.2.1', 8420)).rejects.toThrow('EADDRNOTAVAIL');
});
