import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { buildApi } from '../../../../services/api/server.js';
import { Wrapping } from '../../engine/actions/wrapping.helper.js';

let at: Wrapping;
let app: FastifyInstance;

beforeAll(async () => {
  at = await Wrapping.create();
  const { engine } = at.fixture;
  const logger = pino({ level: 'silent' });
  app = buildApi({ engine, reads: engine.pool, logger, opsRoutes: {}, tokenCacheMs: 0 });
});
afterAll(async () => {
  await app.close();
  await at.fixture.close();
});

const ask = async (url: string): Promise<unknown> =>
  (await app.inject({ method: 'GET', url, headers: { host: 'pay.example' } })).json();

it('a wallet that knows a name pays its account, and what it was shown is in the invoice', async () => {
  const { account } = await at.payee('to-a-name');
  const offer = z
    .object({ callback: z.url(), metadata: z.string() })
    .loose()
    .parse(await ask(`/.well-known/lnurlp/${account.name}`));
  expect(offer.metadata).toContain(`${account.name}@pay.example`);
  const { pathname } = new URL(offer.callback);
  const { pr } = z
    .object({ pr: z.string() })
    .loose()
    .parse(await ask(`${pathname}?amount=100000&comment=hello`));
  const decoded = await at.fixture.engine.node.decode(pr);
  const descriptionHash = createHash('sha256').update(offer.metadata).digest('hex');
  expect(decoded).toMatchObject({ amountMsat: 100_000n, descriptionHash });
  await at.fixture.wallets.pay({ wallet: 'payer', bolt11: pr });
  await at.fixture.deliver();
  const { rows } = await at.fixture.pool.query<{ id: string }>(
    `select id from actions where type = 'PROXY_PAYMENT'`,
  );
  await at.fixture.drive(rows[0]?.id ?? '');
  await at.fixture.deliver();
  expect(await at.received('to-a-name')).toBe(90_000n);
  expect(await at.fixture.count(`proxy_payments where state = 'PAID' and comment = 'hello'`)).toBe(
    1,
  );
});

it('nothing stays open where no wallet of the payee mints', async () => {
  const { account } = await at.payee('asleep');
  at.broken.add('asleep');
  expect(await ask(`/lnurlp/${account.name}/callback?amount=100000`)).toMatchObject({
    status: 'ERROR',
  });
  expect(await at.fixture.count(`attempts where state not in ('PAID', 'FAILED')`)).toBe(0);
});
