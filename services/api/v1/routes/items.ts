import { itemAnswer, itemPageAnswer } from '@quittance/sdk/answers';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import {
  type FeedItem,
  readFeed,
  readItem,
  readOwnItems,
  readTerritoryFeed,
  usualOrder,
} from '../../../../engine/items/read-items.js';
import { noItem } from '../../../../engine/items/find-item.js';
import { searchItems } from '../../../../engine/items/search-items.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { type ItemAnswer, presentItem } from '../present-item.js';
import { emptyBody } from '../wire/action-request.js';
import { itemParams, itemQuery, searchQuery } from '../wire/item.js';
import { type Page, pageOf } from '../wire/page.js';

const tags = ['items'];

type Cursor = z.output<typeof itemQuery>['cursor'];

export function addItemRoutes(app: ZodApp, deps: ApiDeps): void {
  addListItems(app, deps);
  addSearch(app, deps);
  addViewItem(app, deps);
  addDeleteItem(app, deps);
}

/** Whose own unpaid things are shown too. */
export function viewerOf({ caller }: { readonly caller: Caller }): string | null {
  return caller.kind === 'account' ? caller.id : null;
}

function addListItems(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/items',
    {
      config: { access: 'anyone', refusals: ['auth.required'] },
      schema: {
        tags,
        summary: 'List paid posts, or the caller’s own items',
        querystring: itemQuery,
        response: { 200: itemPageAnswer },
      },
    },
    async (request) => {
      const { author, cursor, limit } = request.query;
      const page =
        author === 'me'
          ? await ownPage(pool, accountOf(request).id, cursor, limit)
          : await feedPage(pool, viewerOf(request), request.query);
      return { items: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addSearch(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/search',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Search paid items',
        querystring: searchQuery,
        response: { 200: itemPageAnswer },
      },
    },
    async (request) => {
      const { q, cursor, limit } = request.query;
      const before = cursor && { key: cursor[1], id: cursor[2] };
      const rows = await searchItems(pool, q, viewerOf(request), before, limit + 1);
      const page = pageOf(rows, limit, positionIn('search'), presentItem);
      return { items: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addViewItem(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/items/:id',
    {
      config: { access: 'anyone', refusals: ['item.not_found'] },
      schema: {
        tags,
        summary: 'Read an item',
        description: 'Unpaid items are visible to their author only.',
        params: itemParams,
        response: { 200: itemAnswer },
      },
    },
    async (request) => {
      const item = await readItem(pool, BigInt(request.params.id), request.caller);
      if (item !== undefined) return presentItem(item);
      throw new Refusal('item.not_found', `there is no item ${request.params.id} that you may see`);
    },
  );
}

function addDeleteItem(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/items/:id/delete',
    {
      config: { access: 'account', refusals: ['item.not_found', 'item.not_own'] },
      schema: {
        tags,
        summary: 'Delete an own item',
        description:
          'Its text is blanked and its place in a thread stays. Again is the same as once.',
        params: itemParams,
        body: emptyBody,
        response: { 200: itemAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      await deleteItem(engine.pool, id, accountOf(request).id);
      const item = await readItem(engine.pool, BigInt(id), request.caller);
      if (item === undefined) throw noItem(id);
      return presentItem(item);
    },
  );
}

/** Cursors of a list name it. */
export function positionIn(list: string): (row: Pick<FeedItem, 'sortKey' | 'id'>) => string[] {
  return ({ sortKey, id }) => [list, sortKey, id.toString()];
}

async function feedPage(
  pool: Pool,
  viewer: string | null,
  { territory, cursor, limit, ...asked }: z.output<typeof itemQuery>,
): Promise<Page<ItemAnswer>> {
  const sort = asked.sort ?? (await usualOrder(pool, territory));
  if (cursor !== undefined && cursor[0] !== sort) throw wrongCursor();
  const before = cursor && { key: cursor[1], id: cursor[2] };
  const rows =
    territory === undefined
      ? await readFeed(pool, sort, viewer, before, limit + 1)
      : await readTerritoryFeed(pool, territory, sort, viewer, before, limit + 1);
  return pageOf(rows, limit, positionIn(sort), presentItem);
}

async function ownPage(
  pool: Pool,
  accountId: string,
  cursor: Cursor,
  limit: number,
): Promise<Page<ItemAnswer>> {
  if (cursor !== undefined && cursor[0] !== 'own') throw wrongCursor();
  const rows = await readOwnItems(pool, accountId, cursor?.[1], limit + 1);
  return pageOf(rows, limit, ({ id }) => ['own', id.toString()], presentItem);
}

export function wrongCursor(): Refusal {
  const message = 'is not a cursor of this list';
  return new Refusal('request.invalid', `cursor: ${message}`, [{ path: 'cursor', message }]);
}
