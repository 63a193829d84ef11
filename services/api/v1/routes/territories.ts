import { accountName, territoryAnswer, territoryPageAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { transact } from '../../../../engine/context.js';
import { editTerritory } from '../../../../engine/territories/edit.js';
import {
  listTerritories,
  type TerritoryView,
  viewTerritory,
} from '../../../../engine/territories/read-territories.js';
import {
  billing,
  territoryChanges,
  territoryName,
} from '../../../../engine/territories/settings.js';
import { transferTerritory } from '../../../../engine/territories/transfer.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { pageOf, pageQuery } from '../wire/page.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['territories'];
const params = z.strictObject({ name: territoryName });

const changeBody = z
  .strictObject({ version: z.int().min(1), billing: billing.exactOptional(), ...territoryChanges })
  .meta({ examples: [{ version: 3, baseCostSats: 10, autoRenew: false }] });
const transferBody = z.strictObject({ to: accountName }).meta({ examples: [{ to: 'alice' }] });

export function addTerritoryRoutes(app: ZodApp, deps: ApiDeps): void {
  addReads(app, deps);
  addChange(app, deps);
  addTransfer(app, deps);
}

function addReads(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/territories',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'List territories by name; those that have stopped only for their owner',
        querystring: z.strictObject(pageQuery(z.tuple([z.string().max(64)]))),
        response: { 200: territoryPageAnswer },
      },
    },
    async ({ query: { cursor, limit }, caller }) => {
      const viewer = caller.kind === 'account' ? caller.id : null;
      const rows = await listTerritories(reads, viewer, cursor?.[0], limit + 1);
      const page = pageOf(rows, limit, ({ name }) => [name], present);
      return { territories: [...page.entries], nextCursor: page.nextCursor };
    },
  );
  app.get(
    '/v1/territories/:name',
    {
      config: { access: 'anyone', refusals: ['territory.not_found'] },
      schema: { tags, summary: 'Read a territory', params, response: { 200: territoryAnswer } },
    },
    async ({ params: { name } }) => present(await viewTerritory(reads, name)),
  );
}

function addChange(app: ZodApp, { engine }: ApiDeps): void {
  app.patch(
    '/v1/territories/:name',
    {
      config: {
        access: 'account',
        refusals: [
          'upload.not_found',
          'territory.not_found',
          'territory.not_owner',
          'territory.stopped',
          'territory.changed',
          'territory.changing',
          'territory.for_ever',
          'territory.costs',
        ],
      },
      schema: {
        tags,
        summary: 'Change a territory where that costs nothing',
        description:
          'Another billing that costs more than what was bought is the action TERRITORY_UPDATE. `version` is the one that was read: a territory that has changed since is not changed.',
        params,
        body: changeBody,
        response: { 200: territoryAnswer },
      },
    },
    async (request) => {
      const { version, ...changes } = request.body;
      const { name } = request.params;
      const { id: actor } = accountOf(request);
      return transact(engine, async (tx) => {
        await editTerritory(tx, { name, actor, version, changes });
        return present(await viewTerritory(tx, name));
      });
    },
  );
}

function addTransfer(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/territories/:name/transfer',
    {
      config: {
        access: 'account',
        refusals: [
          'territory.not_found',
          'territory.not_owner',
          'territory.stopped',
          'territory.changing',
          'account.not_found',
        ],
      },
      schema: {
        tags,
        summary: 'Give a territory to another account',
        description: 'It is not renewed automatically any more until its new owner says so.',
        params,
        body: transferBody,
        response: { 200: territoryAnswer },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { id: actor } = accountOf(request);
      return transact(engine, async (tx) => {
        await transferTerritory(tx, name, actor, request.body.to);
        return present(await viewTerritory(tx, name));
      });
    },
  );
}

function present(row: TerritoryView): z.output<typeof territoryAnswer> {
  return {
    ...{ name: row.name, owner: row.owner_name, state: row.state, billing: row.billing },
    ...{ priceMsat: row.price_msat.toString(), autoRenew: row.auto_renew },
    ...{ paidUntil: toTimeOrNull(row.paid_until), description: row.description },
    baseCostMsat: row.base_cost_msat.toString(),
    replyCostMsat: row.reply_cost_msat.toString(),
    ...{ postTypes: [...row.post_types], ranking: row.ranking, moderated: row.moderated },
    ...{ rewardsPercent: row.rewards_percent, version: row.version },
    createdAt: toTime(row.created_at),
  };
}
