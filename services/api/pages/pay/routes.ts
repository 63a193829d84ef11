import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { viewAction } from '../../../../engine/actions/read-action.js';
import {
  type Payable,
  readPayable,
  readPayableMarks,
} from '../../../../engine/actions/read-payable.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { Refusal } from '../../../../domain/refusal.js';
import { type PagesContext, viewFor } from '../context.js';
import { watchRows } from '../events/watch-rows.js';
import { formOf } from '../http/form.js';
import { sendPage } from '../send.js';
import { callerFor, formIdempotency } from '../session/visitor.js';
import { to } from '../view.js';
import { PayPage } from './pay-page.js';

const params = z.object({ hash: z.string() });

/** The page of an invoice: for whoever has its hash. */
export function addPayRoutes(app: FastifyInstance, context: PagesContext): void {
  const config = { access: 'anyone', audited: false } as const;
  const options = { config, schema: { hide: true } };
  app.get('/pay/:hash', options, async (request, reply) => {
    const payable = await payableOf(context, request);
    const action = await ownActionOf(context, request, payable);
    const isNewest = payable.of.kind === 'attempt' && payable.of.attempt === payable.of.newest;
    const retryable = action?.retryable === true && isNewest;
    const view = viewFor(context, request);
    const props = { view, payable, retryable, entitled: action !== undefined };
    return sendPage(reply, PayPage(props));
  });
  addEvents(app, context);
  addChanges(app, context);
}

function addEvents(app: FastifyInstance, context: PagesContext): void {
  const { deps, streams } = context;
  const watch = watchRows(context, (hashes) => readPayableMarks(deps.reads, hashes));
  const config = { access: 'anyone', quiet: true } as const;
  app.get('/pay/:hash/events', { config, schema: { hide: true } }, (request, reply) => {
    const { hash } = params.parse(request.params);
    if (!/^[0-9a-f]{64}$/.test(hash)) throw noInvoice();
    return streams.open(reply, (send) => watch.watch(hash, send));
  });
}

function addChanges(app: FastifyInstance, context: PagesContext): void {
  const { engine } = context.deps;
  const options = { config: { access: 'anyone' }, schema: { hide: true } } as const;
  app.post('/pay/:hash/cancel', options, async (request, reply) => {
    const { hash, of } = await payableOf(context, request);
    if (of.kind === 'attempt') {
      const caller = callerFor(request, of.actionId);
      const key = formIdempotency(request, formOf(request.body));
      await cancelAction(engine, { actionId: of.actionId, caller, ...key });
    }
    return reply
      .code(303)
      .header('location', to(context.settings, `/pay/${hash}`))
      .send();
  });
  app.post('/pay/:hash/retry', options, async (request, reply) => {
    const { of } = await payableOf(context, request);
    if (of.kind !== 'attempt') throw noInvoice();
    const { view } = await retryAction(engine, {
      ...{ actionId: of.actionId, attempt: of.attempt, payment: 'auto' },
      caller: callerFor(request, of.actionId),
      origin: originOf(engine.secret, request.ip),
      ...formIdempotency(request, formOf(request.body)),
    });
    return goToAction(context, reply, view);
  });
}

/** To what is to be paid, else to what was done. */
export function goToAction(
  { settings }: Pick<PagesContext, 'settings'>,
  reply: FastifyReply,
  view: ActionView,
): FastifyReply {
  const hash = view.attempts.at(-1)?.invoice?.hash;
  const { itemId } = view.result;
  const paid = itemId === undefined ? `/actions/${view.id}` : `/items/${itemId}`;
  const open = hash === undefined ? `/actions/${view.id}` : `/pay/${hash}`;
  const path = view.state === 'PAID' ? paid : open;
  return reply.code(303).header('location', to(settings, path)).send();
}

async function payableOf({ deps }: PagesContext, request: FastifyRequest): Promise<Payable> {
  const payable = await readPayable(deps.reads, params.parse(request.params).hash);
  if (payable === undefined) throw noInvoice();
  return payable;
}

function noInvoice(): Refusal {
  return new Refusal('payment.not_found', 'There is no invoice with this payment hash.');
}

/** The action, where the viewer has opened it. */
async function ownActionOf(
  { deps }: PagesContext,
  request: FastifyRequest,
  { of }: Payable,
): Promise<ActionView | undefined> {
  if (of.kind !== 'attempt') return undefined;
  const caller = callerFor(request, of.actionId);
  const view = await viewAction(deps.reads, of.actionId, caller, 'payments');
  const own = caller.kind === 'anonymous' || caller.name === view?.actor;
  return own ? view : undefined;
}
