import { accountName, namesAnswer, settingsAnswer, unreadAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { toMsat } from '../../../../domain/money.js';
import { transact } from '../../../../engine/context.js';
import {
  addToList,
  type ListName,
  readList,
  removeFromList,
} from '../../../../engine/accounts/follows.js';
import {
  type AccountSettings,
  changeSettings,
  readSettings,
} from '../../../../engine/accounts/settings.js';
import { markSeen, readUnread } from '../../../../engine/accounts/unread.js';
import { territoryName } from '../../../../engine/territories/settings.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { emptyBody } from '../wire/action-request.js';
import { toTime } from '../wire/values.js';

const tags = ['accounts'];

const threshold = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a whole number of millisatoshi, as a string')
  .transform((text) => toMsat(BigInt(text)))
  .meta({ examples: ['10000'] });

const settingsBody = z
  .strictObject({
    receiveCreditsBelowMsat: threshold.exactOptional(),
    sendCreditsBelowMsat: threshold.exactOptional(),
    hideDescriptions: z.boolean().exactOptional(),
    retryAutomatically: z.boolean().exactOptional(),
  })
  .meta({ examples: [{ receiveCreditsBelowMsat: '10000', hideDescriptions: true }] });

/** The lists of names of an account, and where they are. */
const LISTS = [
  { path: 'follows', list: 'follows', name: accountName, of: 'accounts that the caller follows' },
  { path: 'mutes', list: 'mutes', name: accountName, of: 'accounts that the caller mutes' },
  {
    ...{ path: 'territories', list: 'territory_follows', name: territoryName },
    of: 'territories that the caller follows',
  },
] as const satisfies readonly { path: string; list: ListName; name: z.ZodType; of: string }[];

export function addPeopleRoutes(app: ZodApp, deps: ApiDeps): void {
  addSettings(app, deps);
  addUnread(app, deps);
  for (const list of LISTS) addList(app, deps, list);
}

function addSettings(app: ZodApp, { engine, reads }: ApiDeps): void {
  app.get(
    '/v1/accounts/me/settings',
    {
      config: { access: 'account' },
      schema: { tags, summary: 'Read the caller’s settings', response: { 200: settingsAnswer } },
    },
    async (request) => present(await readSettings(reads, accountOf(request).id)),
  );
  app.patch(
    '/v1/accounts/me/settings',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Change the caller’s settings',
        body: settingsBody,
        response: { 200: settingsAnswer },
      },
    },
    async (request) => {
      const { id } = accountOf(request);
      return present(await transact(engine, (tx) => changeSettings(tx, id, request.body)));
    },
  );
}

function addUnread(app: ZodApp, { engine, reads }: ApiDeps): void {
  app.get(
    '/v1/accounts/me/unread',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Is there anything new?',
        description:
          'What is paid, by the time of its payment: zaps of own items, replies to them, votes in own polls, items of followed accounts, gifts, payments and rewards. And payments of the caller that failed and can be tried again.',
        response: { 200: unreadAnswer },
      },
    },
    async (request) => {
      const { of, seenAt } = await readUnread(reads, accountOf(request).id);
      return { unread: of.length > 0, of: [...of], seenAt: toTime(seenAt) };
    },
  );
  app.post(
    '/v1/accounts/me/seen',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Everything up to now has been seen',
        body: emptyBody,
        response: { 200: unreadAnswer },
      },
    },
    async (request) => {
      const { id } = accountOf(request);
      await transact(engine, (tx) => markSeen(tx, id));
      const { of, seenAt } = await readUnread(engine.pool, id);
      return { unread: of.length > 0, of: [...of], seenAt: toTime(seenAt) };
    },
  );
}

function addList(
  app: ZodApp,
  { engine, reads }: ApiDeps,
  { path, list, name, of }: (typeof LISTS)[number],
): void {
  const url = `/v1/accounts/me/${path}`;
  const refusals = ['account.not_found', 'territory.not_found', 'account.list_full'] as const;
  const params = z.strictObject({ name });
  app.get(
    url,
    {
      config: { access: 'account' },
      schema: { tags, summary: `List ${of}`, response: { 200: namesAnswer } },
    },
    async (request) => ({ names: await readList(reads, list, accountOf(request).id) }),
  );
  app.put(
    `${url}/:name`,
    {
      config: { access: 'account', refusals: [...refusals, 'account.self'] },
      schema: {
        tags,
        summary: `Add to ${of}`,
        params,
        body: emptyBody,
        response: { 200: namesAnswer },
      },
    },
    async (request) => {
      const { id } = accountOf(request);
      await transact(engine, (tx) => addToList(tx, list, id, request.params.name));
      return { names: await readList(engine.pool, list, id) };
    },
  );
  app.delete(
    `${url}/:name`,
    {
      config: { access: 'account' },
      schema: { tags, summary: `Remove from ${of}`, params, response: { 200: namesAnswer } },
    },
    async (request) => {
      const { id } = accountOf(request);
      await transact(engine, (tx) => removeFromList(tx, list, id, request.params.name));
      return { names: await readList(engine.pool, list, id) };
    },
  );
}

function present(settings: AccountSettings): z.output<typeof settingsAnswer> {
  return {
    receiveCreditsBelowMsat: settings.receiveCreditsBelowMsat.toString(),
    sendCreditsBelowMsat: settings.sendCreditsBelowMsat.toString(),
    hideDescriptions: settings.hideDescriptions,
    retryAutomatically: settings.retryAutomatically,
  };
}
