import { actionAnswer, actionPageAnswer, openedAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type { ZodApp } from '../../zod-app.js';
import { notFound } from '../../../../engine/actions/cancel.js';
import { type ActionFilter, listActions } from '../../../../engine/actions/list-actions.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { extensionCodes } from '../../../../engine/extensions/registered.js';
import { openAction } from '../../../../engine/actions/open.js';
import { viewAction } from '../../../../engine/actions/read-action.js';
import { accountOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { openStatus, presentAction } from '../present-action.js';
import { logAbout } from '../../request-log.js';
import { actionParams, actionQuery, openActionBody } from '../wire/action-request.js';
import { pageOf } from '../wire/page.js';

const tags = ['actions'];

/** What types refuse when they are asked to act. */
const REFUSED_BY_TYPES = [
  'item.not_found',
  'item.unpaid',
  'item.own',
  'item.not_own',
  'item.deleted',
  'item.duplicate',
  'item.too_many_unpaid',
  'item.no_free_comments',
  'item.too_deep',
  'item.forward',
  'item.forwarded',
  'item.not_editable',
  'item.boost_shrinks',
  'item.not_possible',
  'poll.over',
  'poll.voted',
  'poll.no_option',
  'upload.not_found',
  'bounty.none',
  'bounty.not_yours',
  'bounty.no_payee',
  'bounty.paid',
  'territory.not_found',
  'territory.name_taken',
  'territory.not_owner',
  'territory.stopped',
  'territory.not_stopped',
  'territory.not_due',
  'territory.changed',
  'territory.changing',
  'territory.free_change',
] as const;

export function addActionRoutes(app: ZodApp, deps: ApiDeps): void {
  addOpenAction(app, deps);
  addViewAction(app, deps);
  addListActions(app, deps);
}

function addOpenAction(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/actions',
    {
      config: {
        access: 'anyone',
        refusals: [
          'account.frozen',
          'action.unknown_type',
          'action.invalid_args',
          'action.login_required',
          'action.flow_not_supported',
          'action.no_wallet',
          'action.insufficient_credits',
          'action.too_many_unpaid',
          'anonymous.too_much_unpaid',
          'service.maintenance',
          ...REFUSED_BY_TYPES,
          ...extensionCodes(),
        ],
      },
      schema: {
        tags,
        summary: 'Open a paid action',
        description:
          '201 with an invoice, or already paid by credits; 202 while the node has not answered and the invoice is still missing. Location is the action’s address.',
        body: openActionBody(),
        response: { 200: openedAnswer, 201: openedAnswer, 202: openedAnswer },
      },
    },
    async (request, reply) => {
      const { type, args, payment, invoiceExpirySeconds } = request.body;
      const { view, capability, replayed } = await openAction(engine, {
        type,
        args,
        payment,
        caller: request.caller,
        origin: originOf(engine.secret, request.ip),
        ...request.idempotency,
        ...(invoiceExpirySeconds === undefined ? {} : { invoiceExpirySeconds }),
      });
      logAbout(request, { actionId: view.id });
      return reply
        .code(openStatus(reply, view, replayed))
        .header('location', `/v1/actions/${view.id}`)
        .send({ ...presentAction(view), ...(capability === undefined ? {} : { capability }) });
    },
  );
}

function addViewAction(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/actions/:id',
    {
      config: { access: 'anyone', audited: true, refusals: ['action.not_found'] },
      schema: {
        tags,
        summary: 'Read an action with its attempts',
        description:
          'Only for its author and operators: by token, or by capability if it was opened without a token.',
        params: actionParams,
        response: { 200: actionAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      logAbout(request, { actionId: id });
      const view = await viewAction(reads, id, request.caller);
      if (view === undefined) throw notFound(id);
      return presentAction(view);
    },
  );
}

function addListActions(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/actions',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'List the caller’s actions, newest first',
        querystring: actionQuery,
        response: { 200: actionPageAnswer },
      },
    },
    (request) => actionPage(reads, accountOf(request).id, request.query),
  );
}

/** A page of an account's actions. */
export async function actionPage(
  reads: ApiDeps['reads'],
  accountId: string,
  { state, cursor, limit }: z.output<typeof actionQuery>,
): Promise<z.output<typeof actionPageAnswer>> {
  const filter: ActionFilter = {
    limit: limit + 1,
    ...(state === undefined ? {} : { state }),
    ...(cursor === undefined ? {} : { before: { createdUs: cursor[0], id: cursor[1] } }),
  };
  const page = pageOf(
    await listActions(reads, accountId, filter),
    limit,
    ({ position }) => [position.createdUs.toString(), position.id],
    ({ view }) => presentAction(view),
  );
  return { actions: [...page.entries], nextCursor: page.nextCursor };
}
