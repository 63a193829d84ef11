import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readCredits, readSats } from '../../../../engine/accounts/accounts.js';
import { readStatement } from '../../../../engine/accounts/read-statement.js';
import { listActions } from '../../../../engine/actions/list-actions.js';
import { countUnread } from '../../../../engine/actions/read-notices.js';
import { readSubjects } from '../../../../engine/actions/read-subjects.js';
import { readBalanceDetails } from '../../../../engine/credits/read-balance.js';
import { accountOf } from '../../v1/access.js';
import { actionQuery } from '../../v1/wire/action-request.js';
import { digits, pageOf, pageQuery } from '../../v1/wire/page.js';
import { type PagesContext, viewFor } from '../context.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import type { Expiring } from './expiry-chart.js';
import { MePage } from './me-page.js';
import { addNoticeRoutes } from './notice-routes.js';
import { attemptOf, StatementPage } from './statement-page.js';

const PER_PAGE = 30;
const options = { config: { access: 'account' }, schema: { hide: true } } as const;
const statementQuery = z.object(pageQuery(z.tuple([digits, z.enum(['CREDITS', 'SATS'])])));

/** What somebody with an account sees of it. */
export function addAccountRoutes(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/me', options, async (request, reply) => {
    const { id, name } = accountOf(request);
    const { cursor } = parsed(actionQuery, request.query);
    const before = cursor && { createdUs: cursor[0], id: cursor[1] };
    const [creditsMsat, satsMsat, unread, rows] = await Promise.all([
      readCredits(reads, id),
      readSats(reads, id),
      countUnread(reads, id),
      listActions(reads, id, { limit: PER_PAGE + 1, ...(before === undefined ? {} : { before }) }),
    ]);
    const page = pageOf(
      rows,
      PER_PAGE,
      ({ position }) => [position.createdUs.toString(), position.id],
      ({ view }) => view,
    );
    const ids = page.entries.map(({ id: actionId }) => actionId);
    const subjects = await readSubjects(reads, ids);
    return sendPage(
      reply,
      MePage({
        view: viewFor(context, request),
        ...{ name, creditsMsat, satsMsat, unread, subjects },
        ...{ actions: page.entries, cursor: page.nextCursor },
      }),
    );
  });
  addNoticeRoutes(app, context);
  addStatement(app, context);
}

function addStatement(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/me/statement', options, async (request, reply) => {
    const { id } = accountOf(request);
    const { cursor } = parsed(statementQuery, request.query);
    const before = cursor && { entryId: cursor[0], asset: cursor[1] };
    const [details, rows] = await Promise.all([
      readBalanceDetails(reads, 'actions', id),
      readStatement(reads, id, before, PER_PAGE + 1),
    ]);
    const page = pageOf(
      rows,
      PER_PAGE,
      ({ entryId, asset }) => [entryId.toString(), asset],
      (line) => line,
    );
    const lots = details.map(({ expiresUs, amount }): Expiring => ({
      at: expiresUs === null ? null : new Date(Number(expiresUs / 1000n)),
      msat: amount,
    }));
    const ids = page.entries.flatMap(({ key }) => attemptOf(key)?.actionId ?? []);
    const subjects = await readSubjects(reads, [...new Set(ids)]);
    const view = viewFor(context, request);
    const props = { view, lots, lines: page.entries, subjects, cursor: page.nextCursor };
    return sendPage(reply, StatementPage(props));
  });
}
