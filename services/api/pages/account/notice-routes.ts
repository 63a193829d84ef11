import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { dismissFailed } from '../../../../engine/actions/failed-payments.js';
import {
  countUnread,
  dismissNotice,
  markRead,
  readNotices,
} from '../../../../engine/actions/read-notices.js';
import { readSubjects } from '../../../../engine/actions/read-subjects.js';
import { transact } from '../../../../engine/context.js';
import { accountOf } from '../../v1/access.js';
import { noticeQuery } from '../../v1/routes/notices.js';
import { digits, pageOf } from '../../v1/wire/page.js';
import { type PagesContext, viewFor } from '../context.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { to } from '../view.js';
import { NoticesPage } from './notices-page.js';

const PER_PAGE = 30;
const options = { config: { access: 'account' }, schema: { hide: true } } as const;
const noticeParams = z.object({ id: digits });
const actionParams = z.object({ id: z.guid().toLowerCase() });
const attemptNumber = z.number().int().min(1).max(2_147_483_646);
const through = z.iso.datetime();

/** What an account is told of, and what it has seen of that. */
export function addNoticeRoutes(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/notices', options, async (request, reply) => {
    const { id } = accountOf(request);
    const { cursor } = parsed(noticeQuery, request.query);
    const before = cursor && { atUs: cursor[0], key: cursor[1] };
    const [rows, unread] = await Promise.all([
      readNotices(reads, id, before, PER_PAGE + 1),
      countUnread(reads, id),
    ]);
    const page = pageOf(
      rows,
      PER_PAGE,
      ({ atUs, key }) => [atUs.toString(), key],
      (row) => row,
    );
    const failed = page.entries.filter(({ kind }) => kind === 'FAILED_PAYMENT');
    const subjects = await readSubjects(
      reads,
      failed.flatMap(({ actionId }) => actionId ?? []),
    );
    const view = viewFor(context, request);
    const props = { view, unread, notices: page.entries, subjects, cursor: page.nextCursor };
    return sendPage(reply, NoticesPage(props));
  });
  addChanges(app, context);
}

function addChanges(app: FastifyInstance, context: PagesContext): void {
  const { engine } = context.deps;
  const back = (reply: FastifyReply): FastifyReply =>
    reply.code(303).header('location', to(context.settings, '/notices')).send();
  app.post('/notices/read', options, async (request, reply) => {
    // Of the newest that was shown: what came since is unread.
    const seen = new Date(parsed(through, formOf(request.body).text('through')));
    await transact(engine, (tx) => markRead(tx, accountOf(request).id, seen));
    return back(reply);
  });
  app.post('/notices/:id/dismiss', options, async (request, reply) => {
    const id = parsed(noticeParams, request.params).id.toString();
    await dismissNotice(engine.pool, accountOf(request).id, id);
    return back(reply);
  });
  app.post('/actions/:id/dismiss', options, async (request, reply) => {
    const { id } = parsed(actionParams, request.params);
    const attempt = parsed(attemptNumber, formOf(request.body).whole('attempt'));
    await dismissFailed(engine.pool, accountOf(request).id, id, attempt);
    return back(reply);
  });
}
