import { collectedTransmissionAnswer, transmissionAnswer } from '@quittance/sdk/answers';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OrderState } from '../../../../domain/transmissions/machine.js';
import type { Msat } from '../../../../domain/money.js';
import { MAX_BID_MSAT } from '../../../../domain/transmissions/bid.js';
import { Refusal } from '../../../../domain/refusal.js';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import { type IdempotencyKey, takeKey } from '../../../../engine/idempotency.js';
import { bumpOrder } from '../../../../engine/transmissions/bump-order.js';
import { collectOwed } from '../../../../engine/transmissions/collect-owed.js';
import { fillPurse, purseAccount } from '../../../../engine/transmissions/fill-purse.js';
import { cancelOrder } from '../../../../engine/transmissions/end-order.js';
import type { ApiDeps } from '../../deps.js';
import { logAbout } from '../../request-log.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { presentTransmission } from '../present-transmission.js';
import { emptyBody } from '../wire/action-request.js';
import { bumpTransmissionBody, collectBody, transmissionParams } from '../wire/transmissions.js';
import { askedInvoice, withdrawalBody, WITHDRAWAL_REFUSALS } from '../wire/withdrawals.js';
import { ownTransmission, refuseWrongToken, TRANSMISSION_TAGS, viewOf } from './transmissions.js';

/** Bump, cancel, collect, withdraw: all need the transmission's token. */
export function addTransmissionChanges(app: ZodApp, deps: ApiDeps): void {
  addBump(app, deps);
  addCancel(app, deps);
  addCollect(app, deps);
  addWithdrawOwed(app, deps);
}

const OWN = ['transmission.not_found', 'transmission.unauthorized'] as const;

function addBump(app: ZodApp, deps: ApiDeps): void {
  app.post(
    '/v1/transmissions/:id/bump',
    {
      config: {
        access: 'anyone',
        refusals: [
          ...OWN,
          'transmission.too_late',
          'transmission.channel_not_allowed',
          'transmission.bid_too_high',
          'transmission.invoice_failed',
          'service.maintenance',
        ],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Raise the bid by another invoice, before it is transmitted',
        params: transmissionParams,
        body: bumpTransmissionBody,
        response: { 200: transmissionAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { amountMsat } = request.body;
      const replayed = await bumpTransmission(deps, request, id, amountMsat, request.idempotency);
      return answer(deps, reply, id, replayed);
    },
  );
}

/** Raises the bid for whoever has the order's token; whether the same request was made before. Throws what the route refuses. */
export async function bumpTransmission(
  deps: ApiDeps,
  request: FastifyRequest,
  id: string,
  amountMsat: Msat,
  idempotency: { readonly idempotencyKey?: IdempotencyKey },
): Promise<boolean> {
  const { order } = await ownTransmission(deps, request, id, 'payments');
  if (order.min_bid_msat === 0n && order.bid_msat === 0n && order.unpaid_bid_msat === 0n) {
    const detail = `channel ${order.channel} costs nothing`;
    throw new Refusal('transmission.channel_not_allowed', detail);
  }
  if (order.bid_msat + order.unpaid_bid_msat + amountMsat > MAX_BID_MSAT) {
    throw new Refusal('transmission.bid_too_high', `the maximum bid is ${MAX_BID_MSAT} msat`);
  }
  const bumped = await bumpOrder(deps.engine, id, amountMsat, idempotency);
  if (bumped.outcome === 'too_late') throw tooLate(bumped.state);
  if (bumped.outcome === 'failed') {
    throw new Refusal('transmission.invoice_failed', 'the node created no invoice');
  }
  return bumped.outcome === 'replayed';
}

function addCancel(app: ZodApp, deps: ApiDeps): void {
  const { engine } = deps;
  app.post(
    '/v1/transmissions/:id/cancel',
    {
      config: { access: 'anyone', refusals: [...OWN, 'transmission.too_late'] },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Cancel it, before it is transmitted',
        description: 'What was paid for it is owed to whoever has its token.',
        params: transmissionParams,
        body: emptyBody,
        response: { 200: transmissionAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await ownTransmission(deps, request, id, 'payments');
      const { idempotencyKey } = request.idempotency;
      const cancelled = await transact(engine, async (tx) => {
        const resource = { kind: 'transmission', id } as const;
        const isReplay =
          idempotencyKey !== undefined &&
          (await takeKey(tx, idempotencyKey, resource)) !== undefined;
        if (isReplay) return { outcome: 'replayed' } as const;
        const outcome = await cancelOrder(tx, id);
        // Thrown in here, so that nothing is written.
        if (outcome.outcome === 'too_late') throw tooLate(outcome.state);
        return outcome;
      });
      return answer(deps, reply, id, cancelled.outcome === 'replayed');
    },
  );
}

function addCollect(app: ZodApp, deps: ApiDeps): void {
  const { engine } = deps;
  app.post(
    '/v1/transmissions/:id/claims/collect',
    {
      config: {
        access: 'account',
        refusals: [...OWN, 'transmission.nothing_owed', 'credits.amount_too_large'],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Collect what was paid for a transmission that was not sent, or too late',
        description:
          'Needs its token (Quittance-Capability) beside that of the account. It becomes credits, or sats. Without an account: claims/withdraw.',
        params: transmissionParams,
        body: collectBody,
        response: { 200: collectedTransmissionAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await viewOf(deps, id);
      // Only the token counts here: nobody collects for another because of a role.
      refuseWrongToken(deps, request, id);
      const { collectedMsat, replayed } = await collectOwed(engine, {
        ...{ orderId: id, accountId: accountOf(request).id, asset: request.body.asset },
        ...request.idempotency,
      });
      const view = presentTransmission(await viewOf(deps, id));
      return reply
        .code(answerStatus(reply, replayed, 200))
        .send({ ...view, collectedMsat: collectedMsat.toString() });
    },
  );
}

function addWithdrawOwed(app: ZodApp, deps: ApiDeps): void {
  app.post(
    '/v1/transmissions/:id/claims/withdraw',
    {
      config: {
        access: 'anyone',
        refusals: [...OWN, 'transmission.nothing_owed', ...WITHDRAWAL_REFUSALS],
      },
      schema: {
        tags: TRANSMISSION_TAGS,
        summary: 'Pay an invoice from what is owed for a transmission, without an account',
        description:
          'Needs its token (Quittance-Capability). Amount and fee are within what is owed. 202: the node is asked to pay; what became of it is the last of `withdrawals`. What routing did not cost is owed again; all of it where the payment fails for good.',
        params: transmissionParams,
        body: withdrawalBody,
        response: { 200: transmissionAnswer, 202: transmissionAnswer },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await viewOf(deps, id);
      refuseWrongToken(deps, request, id);
      const { view, replayed } = await openWithdrawal(deps.engine, {
        ...{ ...askedInvoice(request.body), caller: purseAccount(id) },
        ...request.idempotency,
        fill: (tx) => fillPurse(tx, id),
      });
      logAbout(request, { actionId: view.id });
      return reply
        .code(answerStatus(reply, replayed, 202))
        .send(presentTransmission(await viewOf(deps, id)));
    },
  );
}

export function tooLate(state: OrderState): Refusal {
  return new Refusal('transmission.too_late', `it is ${state} already`);
}

async function answer(
  deps: ApiDeps,
  reply: FastifyReply,
  id: string,
  replayed: boolean,
): Promise<ReturnType<typeof presentTransmission>> {
  void reply.code(answerStatus(reply, replayed, 200));
  return presentTransmission(await viewOf(deps, id));
}
