import { createServer, type AddressInfo, type Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';

/** A message of PostgreSQL's protocol: type, length, body. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const authenticationOk = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const fatalError = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

/** Accepts a connection and fails at once: the client reads both in one chunk. */
let server: Server;
const onUncaught = vi.fn();

beforeEach(async () => {
  server = createServer((socket) => {
    socket.once('data', () => socket.end(Buffer.concat([authenticationOk, ready, fatalError])));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.on('uncaughtException', onUncaught);
});

afterEach(() => {
  process.off('uncaughtException', onUncaught);
  server.close();
});

test('a connection asks soon whether its other end is there', async () => {
  const setKeepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const { port } = server.address() as AddressInfo;
  const connectionString = `postgres://user@127.0.0.1:${port}/some`;
  const pool = createPool({
    ...{ connectionString, max: 1, applicationName: 'test', onError: () => undefined },
  });
  await pool.query('select 1').catch(() => undefined);
  expect(setKeepAlive).toHaveBeenCalledWith(true, 10_000);
  setKeepAlive.mockRestore();
  await pool.end();
});

test('a connection that breaks while it is handed out fails its transaction, not the process', async () => {
  const { port } = server.address() as AddressInfo;
  const connectionString = `postgres://user@127.0.0.1:${port}/some`;
  const onError = vi.fn();
  const pool = createPool({ connectionString, max: 1, applicationName: 'test', onError });
  const work = vi.fn(() => Promise.resolve());
  await expect(inTransaction(pool, work)).rejects.toThrow('not queryable');
  await expect(inTransaction(pool, work)).rejects.toThrow('not queryable');
  expect(work).not.toHaveBeenCalled();
  expect(pool.totalCount).toBe(0);
  expect(onUncaught).not.toHaveBeenCalled();
  await pool.end();
});
