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

/** Where Linux begins, unless it is told otherwise; others begin higher. */
const LOWEST_OF_CONNECTIONS = 32_768;

test('a new port is free, and no outgoing connection can come to sit on it', async () => {
  for (let n = 0; n < 200; n += 1) {
    const port = await newPort(HOST);
    expect(port).toBeLessThan(LOWEST_OF_CONNECTIONS);
    expect(await isFree(HOST, port)).toBe(true);
  }
});

test('a new port is none of those that are promised to others', async () => {
  const all = new Set(Array.from({ length: 65_536 }, (_, port) => port));
  await expect(newPort(HOST, all)).rejects.toThrow('no free port of 127.0.0.1');
});

test('the preferred port is taken where it is free, else another that is', async () => {
  const preferred = await newPort(HOST);
  expect(await freePort(HOST, preferred)).toBe(preferred);
  await hold(preferred);
  expect(await isFree(HOST, preferred)).toBe(false);
  const other = await freePort(HOST, preferred);
  expect(other).not.toBe(preferred);
  expect(await isFree(HOST, other)).toBe(true);
});

test('a host that is not ours is an error, not a port that is taken', async () => {
  await expect(freePort('192.0.2.1', 8420)).rejects.toThrow('EADDRNOTAVAIL');
});
