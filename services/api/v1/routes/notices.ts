import { id, noticePageAnswer, rowId, unreadNoticesAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { dismissFailed } from '../../../../engine/actions/failed-payments.js';
import {
  countUnread,
  dismissNotice,
  markRead,
  readNotices,
} from '../../../../engine/actions/read-notices.js';
import { transact } from '../../../../engine/context.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { presentNotice } from '../present-notice.js';
import { emptyBody } from '../wire/action-request.js';
import { digits, pageOf, pageQuery } from '../wire/page.js';

const tags = ['notices'];

export const noticeQuery = z.strictObject(
  pageQuery(z.tuple([digits, z.string().regex(/^(n\d{19}|f[0-9a-f-]{36})$/)])),
);

const readBody = z
  .strictObject({
    through: z.iso
      .datetime()
      .exactOptional()
      .meta({ description: 'Of the newest notice that was seen. Left out: all that are there.' }),
  })
  .meta({ examples: [{ through: '2026-11-26T12:00:00.000Z' }] });

export function addNoticeRoutes(app: ZodApp, deps: ApiDeps): void {
  addList(app, deps);
  addRead(app, deps);
  addDismiss(app, deps);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/notices',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'List what the caller is told, newest first',
        description:
          'Failed payments are among them, unless they are tried again by the system: then they come when that has ended.',
        querystring: noticeQuery,
        response: { 200: noticePageAnswer },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const before = cursor && { atUs: cursor[0], key: cursor[1] };
      const rows = await readNotices(reads, accountOf(request).id, before, limit + 1);
      const page = pageOf(rows, limit, ({ atUs, key }) => [atUs.toString(), key], presentNotice);
      return { notices: [...page.entries], nextCursor: page.nextCursor };
    },
  );
  app.get(
    '/v1/notices/unread',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Count the notices that the caller has not read',
        response: { 200: unreadNoticesAnswer },
      },
    },
    async (request) => ({ unread: await countUnread(reads, accountOf(request).id) }),
  );
}

function addRead(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/notices/read',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'The notices up to then have been read',
        body: readBody,
        response: { 200: unreadNoticesAnswer },
      },
    },
    async (request) => {
      const account = accountOf(request).id;
      const { through } = request.body;
      await transact(engine, (tx) =>
        markRead(tx, account, through === undefined ? null : new Date(through)),
      );
      return { unread: await countUnread(engine.pool, account) };
    },
  );
}

function addDismiss(app: ZodApp, { engine }: ApiDeps): void {
  const config = { access: 'account', refusals: ['notice.not_found'] } as const;
  app.post(
    '/v1/notices/:id/dismiss',
    {
      config,
      schema: {
        tags,
        summary: 'Dismiss a notice',
        description: 'What adds up, like zaps of an item, is shown again when there is more of it.',
        params: z.strictObject({ id: rowId }),
        body: emptyBody,
        response: { 200: unreadNoticesAnswer },
      },
    },
    async (request) => {
      const account = accountOf(request).id;
      await dismissNotice(engine.pool, account, request.params.id);
      return { unread: await countUnread(engine.pool, account) };
    },
  );
  app.post(
    '/v1/actions/:id/dismiss',
    {
      config,
      schema: {
        tags,
        summary: 'Dismiss a failed payment',
        description:
          'It stays away, and the system does not try it again. Its author still can, by a retry.',
        params: z.strictObject({ id }),
        body: z
          .strictObject({ attempt: z.int().min(1).max(2_147_483_647) })
          .meta({ examples: [{ attempt: 1 }] }),
        response: { 200: unreadNoticesAnswer },
      },
    },
    async (request) => {
      const account = accountOf(request).id;
      await dismissFailed(engine.pool, account, request.params.id, request.body.attempt);
      return { unread: await countUnread(engine.pool, account) };
    },
  );
}
