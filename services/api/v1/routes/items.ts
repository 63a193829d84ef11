import { itemAnswer, itemPageAnswer } from '@quittance/sdk/answers';
import type { Pool } from 'pg';
import type { ZodApp } from '../../zod-app.js';
import type { z } from 'zod';
import {
  type ItemView,
  type PaidPosition,
  readItem,
  readOwnItems,
  readPaidItems,
} from '../../../../engine/items/read-items.js';
import { Refusal } from '../../../../domain/refusal.js';
import { accountOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { itemParams, itemQuery } from '../wire/item.js';
import { type Page, pageOf } from '../wire/page.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['items'];

type ItemAnswer = z.output<typeof itemAnswer>;
type Cursor = z.output<typeof itemQuery>['cursor'];

export function addItemRoutes(app: ZodApp, deps: ApiDeps): void {
  addListItems(app, deps);
  addViewItem(app, deps);
}

function addListItems(app: ZodApp, { reads: pool }: ApiDeps): void {
  app.get(
    '/v1/items',
    {
      config: { access: 'anyone', refusals: ['auth.required'] },
      schema: {
        tags,
        summary: 'List paid items, or the caller’s own',
        querystring: itemQuery,
        response: { 200: itemPageAnswer },
      },
    },
    async (request) => {
      const { author, cursor, limit } = request.query;
      const page =
        author === 'me'
          ? await ownPage(pool, accountOf(request).id, cursor, limit)
          : await paidPage(pool, cursor, limit);
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

async function paidPage(pool: Pool, cursor: Cursor, limit: number): Promise<Page<ItemAnswer>> {
  if (cursor !== undefined && cursor[0] !== 'paid') throw wrongCursor();
  const before = cursor && { paidUs: cursor[1], id: cursor[2] };
  const rows = await readPaidItems(pool, before, limit + 1);
  const position = (row: PaidPosition): string[] => [
    'paid',
    row.paidUs.toString(),
    row.id.toString(),
  ];
  return pageOf(rows, limit, position, presentItem);
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

function wrongCursor(): Refusal {
  const message = 'is not a cursor of this list';
  return new Refusal('request.invalid', `cursor: ${message}`, [{ path: 'cursor', message }]);
}

function presentItem(item: ItemView): ItemAnswer {
  const { id, actionId, author, title, url, text, state, zaps } = item;
  return {
    id: id.toString(),
    actionId,
    author,
    title,
    url,
    text,
    state,
    createdAt: toTime(item.createdAt),
    paidAt: toTimeOrNull(item.paidAt),
    zaps,
    zappedMsat: item.zappedMsat.toString(),
  };
}
