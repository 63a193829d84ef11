import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';

/** A message of PostgreSQL's protocol: its type, the length of what follows, and that. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const letIn = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const goodbye = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

/** Is killed at the very moment it has let somebody in: both are read at once. */
let server: Server;
const onUncaught = vi.fn();

beforeEach(async () => {
  server = createServer((socket) => {
    socket.once('data', () => socket.end(Buffer.concat([letIn, ready, goodbye])));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.on('uncaughtException', onUncaught);
});

afterEach(() => {
  process.off('uncaughtException', onUncaught);
  server.close();
});

test('a connection that dies while it is handed out fails who takes it, and not the process', async () => {
  const { port } = server.address() as AddressInfo;
  const connectionString = `postgres://somebody@127.0.0.1:${port}/some`;
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
