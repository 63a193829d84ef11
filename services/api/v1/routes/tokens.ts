import { inTransaction } from '../../../../db/transaction.js';
import { listTokens, revokeToken, rotateToken } from '../../../../engine/accounts/list-tokens.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { tokenOf } from '../access.js';
import type { TokenCache } from '../token-cache.js';
import { emptyBody } from '../wire/action-request.js';
import {
  becauseBody,
  revokedAnswer,
  rotatedAnswer,
  tokenParams,
  tokensAnswer,
  tokensQuery,
} from '../wire/staff.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const LISTED = 1_000;

/** Tokens one by one: listed, revoked, rotated by whoever holds them. */
export function addTokenRoutes(app: ZodApp, deps: ApiDeps, tokens: TokenCache): void {
  addList(app, deps);
  addRevoke(app, deps, tokens);
  addRotate(app, deps, tokens);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/operator/tokens',
    {
      config: { access: 'operators' },
      schema: {
        tags: ['operator'],
        summary: 'List the tokens of an account, or of operators and their helpers',
        description: 'The newest 1,000. Tokens themselves are kept nowhere.',
        querystring: tokensQuery,
        response: { 200: tokensAnswer },
      },
    },
    async ({ query: { account } }) => {
      const filter = { limit: LISTED, ...(account === undefined ? {} : { account }) };
      const listed = await listTokens(reads, filter);
      return {
        tokens: listed.map((token) => ({
          ...token,
          scopes: token.scopes && [...token.scopes],
          createdAt: toTime(token.createdAt),
          expiresAt: toTimeOrNull(token.expiresAt),
          lastUsedAt: toTimeOrNull(token.lastUsedAt),
          revokedAt: toTimeOrNull(token.revokedAt),
        })),
      };
    },
  );
}

function addRevoke(app: ZodApp, { engine: { pool } }: ApiDeps, tokens: TokenCache): void {
  app.post(
    '/v1/operator/tokens/:id/revoke',
    {
      config: { access: 'operators', refusals: ['token.not_found', 'operator.last'] },
      schema: {
        tags: ['operator'],
        summary: 'Revoke one token',
        description: 'This replica refuses it at once, others within five seconds.',
        params: tokenParams,
        body: becauseBody,
        response: { 200: revokedAnswer },
      },
    },
    async ({ params: { id } }) => {
      const account = await inTransaction(pool, (tx) => revokeToken(tx, id));
      tokens.clear();
      return { account };
    },
  );
}

function addRotate(app: ZodApp, { engine: { pool } }: ApiDeps, tokens: TokenCache): void {
  app.post(
    '/v1/accounts/me/tokens/rotate',
    {
      config: { access: 'token', refusals: ['token.not_found'] },
      schema: {
        tags: ['accounts'],
        summary: 'Replace the token of this request by a new one of the same terms',
        description: 'The old one ends: here at once, on other replicas within five seconds.',
        body: emptyBody,
        response: { 200: rotatedAnswer },
      },
    },
    async (request) => {
      const { id, tokenId = '' } = tokenOf(request);
      const token = await rotateToken(pool, id, tokenId);
      tokens.clear();
      return { token };
    },
  );
}
