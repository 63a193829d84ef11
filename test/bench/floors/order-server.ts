import Fastify from 'fastify';
import { z } from 'zod';
import { chargeCall } from '../../../adapters/lightning/charge/charge-call.js';
import { createPool } from '../../../db/pool.js';
import { inTransaction } from '../../../db/transaction.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';
import { readTemplate, withNewIds } from './template.js';

/**
 * The simplest server that opens an order: the rows that ours wrote for the order ORDER_ID, a statement for each and one transaction for
 * all of them but what the gateway answers, and the same two calls to the gateway.
 */
const env = z
  .object({ DATABASE_URL: z.string(), CHARGE: z.string(), ORDER_ID: z.string() })
  .parse(process.env);

const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-floor',
  onError: () => undefined,
});
const template = await readTemplate(pool, 'gatewayOrder', env.ORDER_ID);
const gateway = { root: env.CHARGE, timeoutMs: 10_000 };
const created = z.object({ id: z.string() });

const app = Fastify({ bodyLimit: 2 * 1024 * 1024 });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/order', async (request, reply) => {
  const body = z.instanceof(Buffer).parse(request.body);
  const rows = withNewIds(template, env.ORDER_ID);
  const answered = rows.filter(({ table }) => table === 'gateway_invoices');
  await inTransaction(pool, async (tx) => {
    for (const { table, sql, values } of rows) {
      if (table === 'gateway_invoices') continue;
      const stored = table === 'order_messages' ? values.map(messageOr(body)) : [...values];
      await tx.query(sql, stored);
    }
  });
  const invoice = { msatoshi: '1000', description: 'x', expiry: 3600, metadata: {} };
  const answer = await chargeCall(gateway, 'POST', '/invoice', invoice);
  const { id } = created.parse(JSON.parse(answer.body));
  await chargeCall(gateway, 'POST', `/invoice/${id}/webhook`, { url: 'http://127.0.0.1/' });
  for (const { sql, values } of answered) await pool.query(sql, [...values]);
  return reply.send({ id, answer: answer.body });
});
notifySupervisor({ kind: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) });
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => process.disconnect());
});

function messageOr(message: Buffer): (value: unknown) => unknown {
  return (value) => (Buffer.isBuffer(value) ? message : value);
}
