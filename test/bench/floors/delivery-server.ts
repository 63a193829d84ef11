import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';

/** The simplest server that stores a delivery of a store: its body and a row of the outbox, in one transaction. */
const env = z.object({ DATABASE_URL: z.string(), STORE: z.string() }).parse(process.env);

const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-floor',
  onError: () => undefined,
});
await pool.query(
  `create schema if not exists floor;
   create table if not exists floor.store_events (like public.store_events including all);
   create table if not exists floor.outbox (like public.outbox including all)`,
);
const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/', async (request, reply) => {
  await inTransaction(pool, async (tx) => {
    await tx.query(
      `with added as (
         insert into floor.store_events (store, dedupe_key, topic, headers, body, body_bytes, verified)
         values ($1, $2, 'order.updated', '{}', $3, $4, true)
         on conflict (store, dedupe_key) do nothing returning id)
       insert into floor.outbox (destination, kind, ordering_key, subject, payload, available_at, due_since)
       select 'nats', 'event', 'store-event/' || id, 'intake.floor.order.updated',
              jsonb_build_object('event', id::text), clock_timestamp(), clock_timestamp() from added`,
      [
        env.STORE,
        randomBytes(32),
        request.body,
        Buffer.byteLength(z.instanceof(Buffer).parse(request.body)),
      ],
    );
  });
  return reply.code(200).send('ok');
});
notifySupervisor({ kind: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.disconnect());
});
