import { accountAnswer, accountWithTokenAnswer, ownAccountAnswer } from '@quittance/sdk/answers';
import { issueTokenByName, revokeTokensByName } from '../../../../engine/accounts/tokens.js';
import { readCredits, readSats } from '../../../../engine/accounts/accounts.js';
import { openAccount } from '../../../../engine/accounts/open-account.js';
import { mayDo } from '../../../../domain/accounts/roles.js';
import { staffOf, tokenOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import { answerStatus } from '../idempotency.js';
import type { TokenCache } from '../token-cache.js';
import type { ZodApp } from '../../zod-app.js';
import { accountParams, newAccountBody, newTokenBody } from '../wire/account.js';
import { emptyBody } from '../wire/action-request.js';

const tags = ['accounts'];

export function addAccountRoutes(app: ZodApp, deps: ApiDeps, tokens: TokenCache): void {
  addMe(app, deps);
  addOpenAccount(app, deps);
  addIssueToken(app, deps);
  addRevokeTokens(app, deps, tokens);
}

function addMe(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/accounts/me',
    {
      config: { access: 'token' },
      schema: { tags, summary: 'Read the caller’s account', response: { 200: ownAccountAnswer } },
    },
    async (request) => {
      const { id, name, role, scopes = [], tokenId = '' } = tokenOf(request);
      const [credits, sats] = await Promise.all([readCredits(reads, id), readSats(reads, id)]);
      const money = { creditsMsat: credits.toString(), satsMsat: sats.toString() };
      return { id, name, role, scopes: [...scopes], tokenId, ...money };
    },
  );
}

function addOpenAccount(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.post(
    '/v1/accounts',
    {
      config: { access: 'accounts', refusals: ['account.name_taken'] },
      schema: {
        tags,
        summary: 'Open an account',
        body: newAccountBody,
        response: { 200: accountWithTokenAnswer, 201: accountWithTokenAnswer },
      },
    },
    async (request, reply) => {
      if (request.body.role !== 'user') staffOf(request, 'operators');
      const opened = await openAccount(pool, { ...request.body, ...request.idempotency });
      const { account, token, replayed } = opened;
      return reply
        .code(answerStatus(reply, replayed, 201))
        .send({ ...account, ...(token === undefined ? {} : { token }) });
    },
  );
}

function addIssueToken(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.post(
    '/v1/accounts/:name/tokens',
    {
      config: { access: 'accounts', refusals: ['account.not_found'] },
      schema: {
        tags,
        summary: 'Issue another token',
        params: accountParams,
        body: newTokenBody,
        response: { 200: accountWithTokenAnswer, 201: accountWithTokenAnswer },
      },
    },
    async (request, reply) => {
      const ofStaff = mayDo(tokenOf(request), 'operators');
      const change = { accountName: request.params.name, ofStaff, ...request.idempotency };
      const { days, ...terms } = request.body;
      const issued = await issueTokenByName(pool, change, {
        ...terms,
        ...(days === undefined ? {} : { days }),
      });
      const { account, token, replayed } = issued;
      return reply
        .code(answerStatus(reply, replayed, 201))
        .send({ ...account, ...(token === undefined ? {} : { token }) });
    },
  );
}

function addRevokeTokens(app: ZodApp, { engine: { pool } }: ApiDeps, tokens: TokenCache): void {
  app.post(
    '/v1/accounts/:name/tokens/revoke',
    {
      config: { access: 'accounts', refusals: ['account.not_found', 'operator.last'] },
      schema: {
        tags,
        summary: 'Revoke all tokens of an account',
        description: 'This replica refuses them at once, others within five seconds.',
        params: accountParams,
        body: emptyBody,
        response: { 200: accountAnswer },
      },
    },
    async (request, reply) => {
      const ofStaff = mayDo(tokenOf(request), 'operators');
      const change = { accountName: request.params.name, ofStaff, ...request.idempotency };
      const { account, replayed } = await revokeTokensByName(pool, change);
      tokens.clear();
      return reply.code(answerStatus(reply, replayed, 200)).send(account);
    },
  );
}
