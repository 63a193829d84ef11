import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findAccount } from '../../../../engine/accounts/accounts.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import { noItem } from '../../../../engine/items/find-item.js';
import { readComments } from '../../../../engine/items/read-comments.js';
import { readFeed, readItem } from '../../../../engine/items/read-items.js';
import { readAuthorItems, readOwnUnpaid } from '../../../../engine/items/read-lists.js';
import { searchItems } from '../../../../engine/items/search-items.js';
import { Refusal } from '../../../../domain/refusal.js';
import { accountOf } from '../../v1/access.js';
import { positionIn, viewerOf } from '../../v1/routes/items.js';
import { commentQuery, itemQuery, searchQuery } from '../../v1/wire/item.js';
import { digits, pageOf, pageQuery } from '../../v1/wire/page.js';
import { openFrom } from '../actions/open-from.js';
import { type PagesContext, viewFor } from '../context.js';
import { formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { goToAction } from '../pay/routes.js';
import { sendPage } from '../send.js';
import { callerFor } from '../session/visitor.js';
import { to } from '../view.js';
import { AuthorPage } from './author-page.js';
import { FeedPage } from './feed-page.js';
import { ItemPage } from './item-page.js';
import { SearchPage } from './search-page.js';
import { addTerritoryRoutes } from './territory-routes.js';

const PER_PAGE = 30;
const COMMENTS_PER_PAGE = 30;
const OWN_SHOWN = 5;
const TREE = { replies: 10, depth: 5 } as const;
const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;

const idParam = z.object({ id: z.string().regex(/^[1-9]\d{0,17}$/) });
const nameParam = z.object({ name: z.string().max(64) });
const byId = z.object(pageQuery(z.tuple([digits])));

export function addItemRoutes(app: FastifyInstance, context: PagesContext): void {
  addLists(app, context);
  addTerritoryRoutes(app, context);
  addItem(app, context);
  addActs(app, context);
}

function addLists(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/', options, async (request, reply) => {
    const { sort = 'hot', cursor } = parsed(itemQuery, request.query);
    const viewer = viewerOf(request);
    const before = cursor?.[0] === sort ? { key: cursor[1], id: cursor[2] } : undefined;
    const rows = await readFeed(reads, sort, viewer, before, PER_PAGE + 1);
    const { entries: items, nextCursor } = pageOf(rows, PER_PAGE, positionIn(sort), (row) => row);
    const first = viewer !== null && before === undefined;
    const unpaid = first ? await readOwnUnpaid(reads, viewer, OWN_SHOWN) : [];
    const view = viewFor(context, request);
    return sendPage(reply, FeedPage({ view, sort, items, unpaid, cursor: nextCursor }));
  });
  app.get('/search', options, async (request, reply) => {
    const view = viewFor(context, request);
    const query = searchQuery.safeParse(request.query);
    if (!query.success) return sendPage(reply, SearchPage({ view, words: '' }));
    const { q, cursor } = query.data;
    const before = cursor && { key: cursor[1], id: cursor[2] };
    const rows = await searchItems(reads, q, viewerOf(request), before, PER_PAGE + 1);
    const page = pageOf(rows, PER_PAGE, positionIn('search'), (row) => row);
    return sendPage(
      reply,
      SearchPage({ view, words: q, items: page.entries, cursor: page.nextCursor }),
    );
  });
  app.get('/@:name', options, async (request, reply) => {
    const account = await findAccount(reads, parsed(nameParam, request.params).name);
    const { cursor } = parsed(byId, request.query);
    const rows = await readAuthorItems(
      reads,
      account.id,
      viewerOf(request),
      cursor?.[0],
      PER_PAGE + 1,
    );
    const page = pageOf(
      rows,
      PER_PAGE,
      ({ id }) => [id.toString()],
      (row) => row,
    );
    const view = viewFor(context, request);
    const props = { view, name: account.name, items: page.entries, cursor: page.nextCursor };
    return sendPage(reply, AuthorPage(props));
  });
}

function addItem(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/items/:id', options, async (request, reply) => {
    const id = BigInt(parsed(idParam, request.params).id);
    const { cursor, sort } = parsed(commentQuery, request.query);
    const item =
      (await readItem(reads, id, request.caller)) ?? (await ownItem(context, request, id));
    if (item === undefined) throw noItem(id.toString());
    const before = cursor && { key: cursor[1], id: cursor[2] };
    const size = { ...TREE, limit: COMMENTS_PER_PAGE + 1 };
    const nodes = await readComments(reads, id, viewerOf(request), sort, before, size);
    const page = pageOf(
      nodes,
      COMMENTS_PER_PAGE,
      (node) => positionIn(sort)({ id: node.item.id, sortKey: node.sortKey }),
      (node) => node,
    );
    const view = viewFor(context, request);
    const props = { view, item, comments: page.entries, cursor: page.nextCursor };
    return sendPage(reply, ItemPage(props));
  });
}

/** What a browser without an account has opened and not paid, by the capability it keeps. */
async function ownItem({ deps: { reads } }: PagesContext, request: FastifyRequest, id: bigint) {
  if (request.caller.kind === 'account') return undefined;
  for (const [actionId] of request.visitor.own) {
    const item = await readItem(reads, id, callerFor(request, actionId));
    if (item?.actionId === actionId) return item;
  }
  return undefined;
}

function addActs(app: FastifyInstance, context: PagesContext): void {
  const change = { config: { access: 'anyone' }, schema: { hide: true } } as const;
  app.post('/items/:id/zap', change, async (request, reply) => {
    const { id: itemId } = parsed(idParam, request.params);
    const form = formOf(request.body);
    const asked = { type: 'ZAP', args: { itemId, sats: form.whole('sats') } };
    const live = form.has('live');
    try {
      const view = await openFrom(context, request, reply, asked);
      return live
        ? await reply.send(resultOf(context, view))
        : await goToActionOrItem(context, reply, view, itemId);
    } catch (error) {
      if (!live || !(error instanceof Refusal)) throw error;
      return reply
        .code(error.status)
        .send({ state: 'REFUSED', message: `${error.title}: ${error.detail}` });
    }
  });
  app.post('/items/:id/vote', change, async (request, reply) => {
    const { id: itemId } = parsed(idParam, request.params);
    const args = { itemId, optionId: formOf(request.body).text('optionId') };
    const view = await openFrom(context, request, reply, { type: 'POLL_VOTE', args });
    return goToActionOrItem(context, reply, view, itemId);
  });
  const own = { config: { access: 'account' }, schema: { hide: true } } as const;
  app.post('/items/:id/delete', own, async (request, reply) => {
    const { id } = parsed(idParam, request.params);
    await deleteItem(context.deps.engine.pool, id, accountOf(request).id);
    return reply
      .code(303)
      .header('location', to(context.settings, `/items/${id}`))
      .send();
  });
}

function goToActionOrItem(
  context: PagesContext,
  reply: FastifyReply,
  view: ActionView,
  itemId: string,
): FastifyReply {
  if (view.state !== 'PAID') return goToAction(context, reply, view);
  return reply
    .code(303)
    .header('location', to(context.settings, `/items/${itemId}`))
    .send();
}

/** For the script that has shown the zap already. */
function resultOf({ settings }: PagesContext, view: ActionView): Record<string, string> {
  const hash = view.attempts.at(-1)?.invoice?.hash;
  const path = hash === undefined ? `/actions/${view.id}` : `/pay/${hash}`;
  return { state: view.state, next: to(settings, path) };
}
