import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { id as uuid } from '@quittance/sdk/answers';
import { satsToMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import { collectOwed } from '../../../../engine/transmissions/collect-owed.js';
import { cancelOrder } from '../../../../engine/transmissions/end-order.js';
import { fillPurse, purseAccount } from '../../../../engine/transmissions/fill-purse.js';
import { accountOf } from '../../v1/access.js';
import { bumpTransmission, tooLate } from '../../v1/routes/transmission-changes.js';
import { ownTransmission, refuseWrongToken, viewOf } from '../../v1/routes/transmissions.js';
import { type PagesContext, viewFor } from '../context.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { formIdempotency } from '../session/visitor.js';
import { to } from '../view.js';
import { OwnPart } from './own-part.js';

const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;
const account = { config: { access: 'account', audited: false }, schema: { hide: true } } as const;
const idParam = z.object({ id: uuid });
const bidSats = z.string().regex(/^[1-9]\d{0,8}$/, 'sats are whole');

const idOf = (request: FastifyRequest): string => parsed(idParam, request.params).id;

/** What the owner of an order does with it: a script sends the token, which no form and no address has. Answers say where to go next. */
export function addOwnOrderRoutes(app: FastifyInstance, context: PagesContext): void {
  const { deps } = context;
  app.get('/satellite/orders/:id/own', options, async (request, reply) => {
    const order = await ownTransmission(deps, request, idOf(request), 'read');
    return sendPage(reply, OwnPart({ view: viewFor(context, request), order }));
  });
  app.post('/satellite/orders/:id/cancel', options, async (request, reply) => {
    const id = idOf(request);
    return answering(reply, async () => {
      await ownTransmission(deps, request, id, 'payments');
      await transact(deps.engine, async (tx) => {
        const cancelled = await cancelOrder(tx, id);
        // Thrown in here, so that nothing is written.
        if (cancelled.outcome === 'too_late') throw tooLate(cancelled.state);
      });
      return {};
    });
  });
  app.post('/satellite/orders/:id/bump', options, async (request, reply) => {
    const id = idOf(request);
    return answering(reply, async () => {
      const form = formOf(request.body);
      const amountMsat = satsToMsat(BigInt(parsed(bidSats, form.text('sats'))));
      await bumpTransmission(deps, request, id, amountMsat, formIdempotency(request, form));
      const hash = (await viewOf(deps, id)).invoices.at(-1)?.hash;
      return hash === undefined ? {} : { next: to(context.settings, `/pay/${hash}`) };
    });
  });
  addOwed(app, context);
}

function addOwed(app: FastifyInstance, { deps }: PagesContext): void {
  app.post('/satellite/orders/:id/collect', account, async (request, reply) => {
    const orderId = idOf(request);
    return answering(reply, async () => {
      refuseWrongToken(deps, request, orderId);
      const key = formIdempotency(request, formOf(request.body));
      const { id: accountId } = accountOf(request);
      await collectOwed(deps.engine, { orderId, accountId, asset: 'CREDITS', ...key });
      return {};
    });
  });
  app.post('/satellite/orders/:id/withdraw', options, async (request, reply) => {
    const id = idOf(request);
    return answering(reply, async () => {
      refuseWrongToken(deps, request, id);
      const form = formOf(request.body);
      await openWithdrawal(deps.engine, {
        ...{ bolt11: form.text('bolt11'), caller: purseAccount(id) },
        ...formIdempotency(request, form),
        fill: (tx) => fillPurse(tx, id),
      });
      return {};
    });
  });
}

/** JSON for the script: where to go next, or why it was refused. */
async function answering(
  reply: FastifyReply,
  act: () => Promise<{ readonly next?: string }>,
): Promise<FastifyReply> {
  try {
    return await reply.send(await act());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return reply.code(error.status).send({ message: `${error.title}. ${error.detail}` });
  }
}
