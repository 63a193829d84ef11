import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { originOf } from '../../../../engine/accounts/origin.js';
import { cancelAction, notFound } from '../../../../engine/actions/cancel.js';
import { collectClaims } from '../../../../engine/actions/collect-claims.js';
import { readActionMarks, viewAction } from '../../../../engine/actions/read-action.js';
import { readSubjects } from '../../../../engine/actions/read-subjects.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { accountOf } from '../../v1/access.js';
import { type PagesContext, viewFor } from '../context.js';
import { watchRows } from '../events/watch-rows.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { goToAction } from '../pay/routes.js';
import { sendPage } from '../send.js';
import { callerFor, formIdempotency } from '../session/visitor.js';
import { to } from '../view.js';
import { ActionPage } from './action-page.js';

const params = z.object({ id: z.guid().toLowerCase() });
const attemptNumber = z.number().int().min(1).max(2_147_483_646);

export function addActionRoutes(app: FastifyInstance, context: PagesContext): void {
  addEvents(app, context);
  const { engine, reads } = context.deps;
  const read = { config: { access: 'anyone', audited: true }, schema: { hide: true } } as const;
  const change = { config: { access: 'anyone' }, schema: { hide: true } } as const;
  const idOf = (request: FastifyRequest): string => parsed(params, request.params).id;
  app.get('/actions/:id', read, async (request, reply) => {
    const id = idOf(request);
    const action = await viewAction(reads, id, callerFor(request, id));
    if (action === undefined) throw notFound(id);
    const subject = (await readSubjects(reads, [id])).get(id);
    return sendPage(reply, ActionPage({ view: viewFor(context, request), action, subject }));
  });
  app.post('/actions/:id/retry', change, async (request, reply) => {
    const form = formOf(request.body);
    const { view } = await retryAction(engine, {
      ...{ actionId: idOf(request), attempt: parsed(attemptNumber, form.whole('attempt')) },
      ...{ payment: 'auto', caller: callerFor(request, idOf(request)) },
      origin: originOf(engine.secret, request.ip),
      ...formIdempotency(request, form),
    });
    return goToAction(context, reply, view);
  });
  app.post('/actions/:id/cancel', change, async (request, reply) => {
    const actionId = idOf(request);
    const key = formIdempotency(request, formOf(request.body));
    await cancelAction(engine, { actionId, caller: callerFor(request, actionId), ...key });
    return reply
      .code(303)
      .header('location', to(context.settings, `/actions/${actionId}`))
      .send();
  });
  const own = { config: { access: 'account' }, schema: { hide: true } } as const;
  app.post('/actions/:id/collect', own, async (request, reply) => {
    const actionId = idOf(request);
    await collectClaims(engine, {
      ...{ actionId, capability: request.visitor.own.get(actionId) },
      collector: accountOf(request),
      ...formIdempotency(request, formOf(request.body)),
    });
    return reply.code(303).header('location', to(context.settings, '/me/statement')).send();
  });
}

/** For an action that moves without anybody's doing, such as a withdrawal. */
function addEvents(app: FastifyInstance, context: PagesContext): void {
  const { deps, streams } = context;
  const watch = watchRows(context, (ids) => readActionMarks(deps.reads, ids));
  const config = { access: 'anyone', quiet: true } as const;
  app.get('/actions/:id/events', { config, schema: { hide: true } }, async (request, reply) => {
    const { id } = parsed(params, request.params);
    const action = await viewAction(deps.reads, id, callerFor(request, id));
    if (action === undefined) throw notFound(id);
    return streams.open(reply, (send) => watch.watch(id, send));
  });
}
