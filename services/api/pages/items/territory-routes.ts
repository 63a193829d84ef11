import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountName } from '@quittance/sdk/answers';
import { transact } from '../../../../engine/context.js';
import { readTerritoryFeed, usualOrder } from '../../../../engine/items/read-items.js';
import { editTerritory } from '../../../../engine/territories/edit.js';
import {
  listTerritories,
  type TerritoryView,
  viewTerritory,
} from '../../../../engine/territories/read-territories.js';
import { territoryChanges, territoryName } from '../../../../engine/territories/settings.js';
import { refuseUnlessOwner } from '../../../../engine/territories/territory-row.js';
import { transferTerritory } from '../../../../engine/territories/transfer.js';
import { Refusal } from '../../../../domain/refusal.js';
import { accountOf } from '../../v1/access.js';
import { positionIn, viewerOf } from '../../v1/routes/items.js';
import { itemQuery } from '../../v1/wire/item.js';
import { pageOf } from '../../v1/wire/page.js';
import { type PagesContext, viewFor } from '../context.js';
import { argsOf } from '../forms/fields.js';
import { TERRITORY_FIELDS } from '../forms/territory-fields.js';
import { Form, formOf } from '../http/form.js';
import { parsed } from '../http/parsed.js';
import { sendPage } from '../send.js';
import { to } from '../view.js';
import { TerritoriesPage, TerritoryPage } from './territory-page.js';
import { TerritorySettingsPage } from './territory-settings-page.js';

const PER_PAGE = 30;
const options = { config: { access: 'anyone', audited: false }, schema: { hide: true } } as const;
const own = { config: { access: 'account' }, schema: { hide: true } } as const;
const anyName = z.object({ name: z.string().max(64).toLowerCase() });
const founded = z.object({ name: territoryName });
const changes = z.strictObject({ version: z.int().min(1), ...territoryChanges });
const receiver = z.string().toLowerCase().transform(withoutAt).pipe(accountName);

function withoutAt(name: string): string {
  return name.replace(/^@/, '');
}

export function addTerritoryRoutes(app: FastifyInstance, context: PagesContext): void {
  const { reads } = context.deps;
  app.get('/territories', options, async (request, reply) => {
    const territories = await listTerritories(reads, viewerOf(request), undefined, 200);
    return sendPage(reply, TerritoriesPage({ view: viewFor(context, request), territories }));
  });
  app.get('/~:name', options, async (request, reply) => {
    const { name } = parsed(anyName, request.params);
    const { sort = await usualOrder(reads, name), cursor } = parsed(itemQuery, request.query);
    const territory = await viewTerritory(reads, name).catch(onlyFound);
    const before = cursor?.[0] === sort ? { key: cursor[1], id: cursor[2] } : undefined;
    const viewer = viewerOf(request);
    const rows = await readTerritoryFeed(reads, name, sort, viewer, before, PER_PAGE + 1);
    const page = pageOf(rows, PER_PAGE, positionIn(sort), (row) => row);
    const view = viewFor(context, request);
    const props = { view, name, territory, sort, items: page.entries, cursor: page.nextCursor };
    return sendPage(reply, TerritoryPage(props));
  });
  addSettings(app, context);
}

/** Posts may name a territory that nobody has founded. */
function onlyFound(error: unknown): undefined {
  if (error instanceof Refusal && error.code === 'territory.not_found') return undefined;
  throw error;
}

function addSettings(app: FastifyInstance, context: PagesContext): void {
  const { reads, engine } = context.deps;
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    refused?: { readonly typed?: Form; readonly refusal: Refusal },
  ): Promise<FastifyReply> => {
    const territory = await viewTerritory(reads, parsed(founded, request.params).name);
    refuseUnlessOwner(territory, accountOf(request).id);
    const view = viewFor(context, request);
    const props = { view, territory, typed: formFor(territory), ...refused };
    return sendPage(reply, TerritorySettingsPage(props), refused?.refusal.status);
  };
  app.get('/~:name/settings', own, (request, reply) => show(request, reply));
  app.post('/~:name/settings', own, async (request, reply) => {
    const { name } = parsed(founded, request.params);
    const typed = formOf(request.body);
    try {
      const args = {
        ...argsOf(TERRITORY_FIELDS, typed),
        description: typed.longText('description'),
      };
      const asked = parsed(changes, { version: typed.whole('version'), ...args });
      const { version, ...changed } = asked;
      const actor = accountOf(request).id;
      await transact(engine, (tx) => editTerritory(tx, { name, actor, version, changes: changed }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return show(request, reply, { typed, refusal: error });
    }
    return reply
      .code(303)
      .header('location', to(context.settings, `/~${name}`))
      .send();
  });
  app.post('/~:name/transfer', own, async (request, reply) => {
    const { name } = parsed(founded, request.params);
    try {
      const receiving = parsed(receiver, formOf(request.body).text('to'));
      const actor = accountOf(request).id;
      await transact(engine, (tx) => transferTerritory(tx, name, actor, receiving));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return show(request, reply, { refusal: error });
    }
    return reply
      .code(303)
      .header('location', to(context.settings, `/~${name}`))
      .send();
  });
}

/** As if its owner had typed how it is. */
function formFor(row: TerritoryView): Form {
  const checks = { moderated: row.moderated, autoRenew: row.auto_renew };
  return new Form(
    new URLSearchParams([
      ['version', row.version.toString()],
      ['description', row.description],
      ['baseCostSats', (row.base_cost_msat / 1000n).toString()],
      ['replyCostSats', (row.reply_cost_msat / 1000n).toString()],
      ...row.post_types.map((type) => ['postTypes', type]),
      ['ranking', row.ranking],
      ...Object.entries(checks).flatMap(([name, on]) => (on ? [[name, 'on']] : [])),
    ]),
  );
}
