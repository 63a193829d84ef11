import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { id as uuid } from '@quittance/sdk/answers';
import { Refusal } from '../../../../domain/refusal.js';
import { readPayment } from '../../../../engine/operator/payment/read-payment.js';
import { type PagesContext, viewFor } from '../context.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { to } from '../view.js';
import { ReplayPreview } from './dead-letters.js';
import { OpsPage } from './ops-page.js';
import { PaymentPage } from './payment-page.js';
import { readOps } from './read-ops.js';

const read = { config: { access: 'read', audited: false }, schema: { hide: true } } as const;
const story = { config: { access: 'read' }, schema: { hide: true } } as const;
const change = { config: { access: 'payments' }, schema: { hide: true } } as const;
const idParam = z.object({ id: uuid });
const seqs = z
  .array(
    z
      .string()
      .regex(/^[1-9]\d{0,15}$/)
      .transform(Number),
  )
  .max(1000);
const LETTERS_READ = 1000;

/** For operators and their helpers. */
export function addOpsRoutes(app: FastifyInstance, context: PagesContext): void {
  const { deps, settings } = context;
  const { temporalUi } = settings;
  app.get('/ops', read, async (request, reply) => {
    const ops = await readOps(deps);
    return sendPage(reply, OpsPage({ view: viewFor(context, request), ops, temporalUi }));
  });
  app.get('/ops/payments', read, (request, reply) => {
    const { id } = parsed(
      z.object({ id: z.string().trim().toLowerCase().pipe(uuid) }),
      request.query,
    );
    return reply
      .code(303)
      .header('location', to(settings, `/ops/payments/${id}`))
      .send();
  });
  app.get('/ops/payments/:id', story, async (request, reply) => {
    const { id } = parsed(idParam, request.params);
    const found = await readPayment({ pool: deps.reads, node: deps.engine.node }, id);
    return sendPage(
      reply,
      PaymentPage({ view: viewFor(context, request), story: found, temporalUi }),
    );
  });
  addReplay(app, context);
}

function addReplay(app: FastifyInstance, context: PagesContext): void {
  const { streams } = context.deps;
  app.post(
    '/ops/dead-letters/preview',
    { ...change, config: { ...change.config, audited: false } },
    async (request, reply) => {
      const chosen = new Set(parsed(seqs, formOf(request.body).all('seq')));
      const { letters } = (await streams?.deadLetters(LETTERS_READ).catch(away)) ?? away();
      const view = viewFor(context, request);
      const props = { view, letters: letters.filter(({ seq }) => chosen.has(seq)) };
      return sendPage(reply, ReplayPreview(props));
    },
  );
  app.post('/ops/dead-letters/replay', change, async (request, reply) => {
    const chosen = parsed(seqs, formOf(request.body).all('seq'));
    await (streams?.replay(chosen).catch(away) ?? away());
    return reply.code(303).header('location', to(context.settings, '/ops#letters')).send();
  });
}

function away(): never {
  throw new Refusal('service.unavailable', 'NATS does not answer, which holds the dead letters.');
}
