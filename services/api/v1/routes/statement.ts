import { statementAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { readStatement } from '../../../../engine/accounts/read-statement.js';
import { accountOf } from '../access.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { digits, pageOf, pageQuery } from '../wire/page.js';
import { toTime } from '../wire/values.js';

const query = z.strictObject(pageQuery(z.tuple([digits, z.enum(['CREDITS', 'SATS'])])));

export function addStatementRoute(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/accounts/me/statement',
    {
      config: { access: 'account' },
      schema: {
        tags: ['accounts'],
        summary: 'Read what changed the caller’s balances, newest first',
        querystring: query,
        response: { 200: statementAnswer },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const before = cursor && { entryId: cursor[0], asset: cursor[1] };
      const lines = await readStatement(reads, accountOf(request).id, before, limit + 1);
      const page = pageOf(
        lines,
        limit,
        ({ entryId, asset }) => [entryId.toString(), asset],
        ({ entryId, asset, amountMsat, balanceAfterMsat, key, at }) => ({
          ...{ entryId: entryId.toString(), asset, for: key, at: toTime(at) },
          amountMsat: amountMsat.toString(),
          balanceAfterMsat: balanceAfterMsat.toString(),
        }),
      );
      return { lines: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}
