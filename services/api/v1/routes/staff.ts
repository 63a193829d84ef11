import { accountAnswer, accountWithTokenAnswer } from '@quittance/sdk/answers';
import { inTransaction } from '../../../../db/transaction.js';
import { openAccount } from '../../../../engine/accounts/open-account.js';
import {
  dismiss,
  freezeAccount,
  listStaff,
  unfreezeAccount,
} from '../../../../engine/accounts/staff.js';
import { readAudit } from '../../../../engine/audit.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { answerStatus } from '../idempotency.js';
import type { TokenCache } from '../token-cache.js';
import { pageOf } from '../wire/page.js';
import {
  accountNamed,
  auditAnswer,
  auditQuery,
  becauseBody,
  newOperatorBody,
  operatorsAnswer,
} from '../wire/staff.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['operator'];

/** Operators and their helpers, frozen accounts, and the audit. */
export function addStaffRoutes(app: ZodApp, deps: ApiDeps, tokens: TokenCache): void {
  addList(app, deps);
  addCreate(app, deps);
  addDismiss(app, deps, tokens);
  addFreeze(app, deps);
  addAudit(app, deps);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/operator/operators',
    {
      config: { access: 'operators' },
      schema: {
        tags,
        summary: 'List operators and their helpers',
        response: { 200: operatorsAnswer },
      },
    },
    async () => {
      const members = await listStaff(reads);
      return {
        operators: members.map((member) => ({
          ...member,
          createdAt: toTime(member.createdAt),
          frozenAt: toTimeOrNull(member.frozenAt),
          lastUsedAt: toTimeOrNull(member.lastUsedAt),
        })),
      };
    },
  );
}

function addCreate(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  app.post(
    '/v1/operator/operators',
    {
      config: { access: 'operators', refusals: ['account.name_taken'] },
      schema: {
        tags,
        summary: 'Add an operator or a helper, with a first token',
        body: newOperatorBody,
        response: { 200: accountWithTokenAnswer, 201: accountWithTokenAnswer },
      },
    },
    async ({ body: { name, role, label, scopes, days }, idempotency }, reply) => {
      const terms = { label, scopes, ...(days === undefined ? {} : { days }) };
      const opened = await openAccount(pool, { name, role, terms, ...idempotency });
      const { account, token, replayed } = opened;
      return reply
        .code(answerStatus(reply, replayed, 201))
        .send({ ...account, ...(token === undefined ? {} : { token }) });
    },
  );
}

function addDismiss(app: ZodApp, { engine: { pool } }: ApiDeps, tokens: TokenCache): void {
  app.post(
    '/v1/operator/operators/:name/revoke',
    {
      config: { access: 'operators', refusals: ['account.not_found', 'operator.last'] },
      schema: {
        tags,
        summary: 'End somebody’s role and all their tokens',
        description: 'This replica refuses them at once, others within five seconds.',
        params: accountNamed,
        body: becauseBody,
        response: { 200: accountAnswer },
      },
    },
    async ({ params: { name } }) => {
      const account = await inTransaction(pool, (tx) => dismiss(tx, name));
      tokens.clear();
      return account;
    },
  );
}

function addFreeze(app: ZodApp, { engine: { pool } }: ApiDeps): void {
  const change = {
    freeze: { summary: 'Freeze an account: it can read, but open and withdraw nothing' },
    unfreeze: { summary: 'Let a frozen account act again' },
  } as const;
  for (const what of ['freeze', 'unfreeze'] as const) {
    app.post(
      `/v1/accounts/:name/${what}`,
      {
        config: { access: 'accounts', refusals: ['account.not_found', 'operator.last'] },
        schema: {
          tags: ['accounts'],
          ...change[what],
          params: accountNamed,
          body: becauseBody,
          response: { 200: accountAnswer },
        },
      },
      ({ params: { name }, body: { because } }) =>
        inTransaction(pool, (tx) =>
          what === 'freeze' ? freezeAccount(tx, name, because) : unfreezeAccount(tx, name),
        ),
    );
  }
}

function addAudit(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/operator/audit',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'List what operators and the command line did and read, newest first',
        querystring: auditQuery,
        response: { 200: auditAnswer },
      },
    },
    async ({ query: { cursor, limit, actor, target } }) => {
      const rows = await readAudit(reads, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor[0] }),
        ...(actor === undefined ? {} : { actor }),
        ...(target === undefined ? {} : { target }),
      });
      const page = pageOf(
        rows,
        limit,
        ({ id }) => [id.toString()],
        (row) => ({ ...row, id: row.id.toString(), at: toTime(row.at), detail: { ...row.detail } }),
      );
      return { rows: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}
