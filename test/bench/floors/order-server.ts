import { randomBytes, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';

/** The simplest server that opens an order: its rows in one transaction, and two calls to the gateway. */
const env = z.object({ DATABASE_URL: z.string(), CHARGE: z.string() }).parse(process.env);

const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-floor',
  onError: () => undefined,
});
await pool.query(
  `create schema if not exists floor;
   create table if not exists floor.rows (id bigint generated always as identity primary key, what text not null, body bytea not null)`,
);
const gateway = new URL(env.CHARGE);
gateway.username = '';
gateway.password = '';
const call = async (path: string, body: object): Promise<{ id?: string | undefined }> => {
  const response = await fetch(new URL(path, gateway), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return z.object({ id: z.string().optional() }).parse(await response.json());
};
/** Order, message, hash, invoice, two legs, two rows of the outbox, an audit row, the call to the gateway. */
const ROWS = 10;

const app = Fastify({ bodyLimit: 2 * 1024 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/order', async (request, reply) => {
  const body = z.instanceof(Buffer).parse(request.body);
  const uuid = randomUUID();
  await inTransaction(pool, (tx) =>
    tx.query(
      `insert into floor.rows (what, body) select $1 || n, case n when 1 then $2::bytea else $3 end
       from generate_series(1, $4::integer) n`,
      [uuid, body, randomBytes(200), ROWS],
    ),
  );
  const { id = '' } = await call('/invoice', { msatoshi: 1, metadata: { uuid } });
  await call(`/invoice/${id}/webhook`, { url: 'http://127.0.0.1/' });
  await pool.query('insert into floor.rows (what, body) values ($1, $2)', [id, randomBytes(200)]);
  return reply.send({ uuid, id });
});
notifySupervisor({ kind: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.disconnect());
});
