import Fastify from 'fastify';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { readComments } from '../../../engine/items/read-comments.js';
import { readFeed, readTerritoryFeed } from '../../../engine/items/read-items.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';

/** The simplest server that makes the same queries and sends what they give: no schemas, no accounts. */
const env = z.object({ DATABASE_URL: z.string(), POST_ID: z.string() }).parse(process.env);

const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-reads',
  onError: () => undefined,
});
const post = BigInt(env.POST_ID);
const size = { limit: 51, replies: 10, depth: 5 };
const app = Fastify();
const asJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  );
app.get('/feed', async (_, reply) =>
  reply.type('application/json').send(asJson(await readFeed(pool, 'hot', null, undefined, 51))),
);
app.get('/territory', async (_, reply) =>
  reply
    .type('application/json')
    .send(asJson(await readTerritoryFeed(pool, 'valley', 'hot', null, undefined, 51))),
);
app.get('/tree', async (_, reply) =>
  reply
    .type('application/json')
    .send(asJson(await readComments(pool, post, null, 'hot', undefined, size))),
);
notifySupervisor({ kind: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.disconnect());
});
