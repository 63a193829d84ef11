import { accountName, id, msatText, nextCursor, role, scope, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { because, tokenTerms } from './account.js';
import { digits, pageQuery } from './page.js';

const tokenId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits')
  .meta({ description: 'The first digits of its hash.', examples: ['0123456789abcdef'] });

export const tokenParams = z.strictObject({ id: tokenId });
export const accountNamed = z.strictObject({ name: accountName });
export const grantParams = z.strictObject({ id });
export const becauseBody = z.strictObject({ because });

export const newOperatorBody = z.strictObject({
  name: accountName,
  role: role.exclude(['user']).default('operator'),
  because,
  ...tokenTerms,
});

export const operatorsAnswer = z
  .object({
    operators: z.array(
      z.object({
        name: accountName,
        role,
        createdAt: time,
        frozenAt: time.nullable(),
        tokens: z.int().meta({ description: 'Tokens that can be used.' }),
        lastUsedAt: time.nullable(),
      }),
    ),
  })
  .meta({ id: 'Operators' });

export const tokensQuery = z.strictObject({ account: accountName.optional() });

export const tokensAnswer = z
  .object({
    tokens: z.array(
      z.object({
        id: tokenId,
        account: accountName,
        role,
        label: z.string(),
        scopes: z.array(scope).nullable(),
        createdAt: time,
        expiresAt: time.nullable(),
        lastUsedAt: time.nullable().meta({ description: 'To the minute.' }),
        revokedAt: time.nullable(),
      }),
    ),
  })
  .meta({ id: 'Tokens' });

export const rotatedAnswer = z.object({ token: z.string() }).meta({ id: 'RotatedToken' });
export const revokedAnswer = z.object({ account: accountName }).meta({ id: 'RevokedToken' });
export const doneAnswer = z.object({ done: z.literal(true) }).meta({ id: 'Done' });

export const auditQuery = z.strictObject({
  actor: z.string().min(1).max(100).optional(),
  target: z.string().min(1).max(300).optional(),
  ...pageQuery(z.tuple([digits])),
});

export const auditAnswer = z
  .object({
    rows: z.array(
      z.object({
        id: z.string(),
        at: time,
        actor: z.string(),
        role: z.string(),
        token: z.string().nullable(),
        via: z.enum(['http', 'cli']),
        address: z.string().nullable(),
        act: z.string(),
        target: z.string(),
        because: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
        hash: z.string().meta({ description: 'Of this row and all before it.' }),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'Audit' });

export const grantsQuery = z.strictObject({
  state: z.enum(['pending', 'granted', 'rejected', 'reversed']).optional(),
});

export const grantsAnswer = z
  .object({
    grants: z.array(
      z.object({
        id,
        account: accountName,
        asset: z.enum(['CREDITS', 'SATS']),
        amountMsat: msatText,
        reason: z.string(),
        state: z.enum(['pending', 'granted', 'rejected', 'reversed']),
        askedBy: accountName,
        decidedBy: accountName.nullable(),
        createdAt: time,
        expiresAt: time.nullable(),
      }),
    ),
  })
  .meta({ id: 'Grants' });
