import { accountName, actionPageAnswer } from '@quittance/sdk/answers';
import { findAccount } from '../../../../engine/accounts/accounts.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { actionQuery } from '../wire/action-request.js';
import { actionPage } from './actions.js';

const query = actionQuery.extend({ account: accountName });

export function addOperatorActions(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/operator/actions',
    {
      config: { access: 'read', refusals: ['account.not_found'] },
      schema: {
        tags: ['operator'],
        summary: 'List the actions of an account, newest first',
        querystring: query,
        response: { 200: actionPageAnswer },
      },
    },
    async ({ query: { account, ...filter } }) =>
      actionPage(reads, (await findAccount(reads, account)).id, filter),
  );
}
