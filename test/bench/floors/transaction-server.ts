import Fastify from 'fastify';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';
import { withNewIds, type Opening, readTemplate } from './template.js';

/** The simplest server that writes the same rows: one transaction, a statement per row. */
const env = z
  .object({ DATABASE_URL: z.string(), ZAP_ID: z.string(), ORDER_ID: z.string() })
  .parse(process.env);

const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-floor',
  onError: () => undefined,
});
const app = Fastify();
await serve('zap', env.ZAP_ID);
await serve('order', env.ORDER_ID);
notifySupervisor({ kind: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.disconnect());
});

async function serve(opening: Opening, id: string): Promise<void> {
  const template = await readTemplate(pool, opening, id);
  app.post(`/${opening}`, async (_request, reply) => {
    await inTransaction(pool, async (tx) => {
      for (const { sql, values } of withNewIds(template, id)) await tx.query(sql, [...values]);
    });
    return reply.code(201).send({ rows: template.length });
  });
}
