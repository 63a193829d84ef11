import { z } from 'zod';
import { accountName, id, msatText, time } from './values.js';

export const role = z.enum(['user', 'operator', 'support', 'finance', 'metrics']);

/** What a token may be used for. */
export const scope = z.enum([
  ...(['own', 'read', 'accounts', 'grants', 'operators', 'stores'] as const),
  ...(['credits', 'payments', 'metrics'] as const),
]);

export const account = { id, name: accountName, role };

const token = z
  .string()
  .optional()
  .meta({ description: 'Shown only once: missing in a replay, since only its hash is stored.' });

export const accountWithTokenAnswer = z
  .object({ ...account, token })
  .meta({ id: 'AccountWithToken' });
export const accountAnswer = z.object(account).meta({ id: 'Account' });
export const ownAccountAnswer = z
  .object({
    ...account,
    scopes: z.array(scope).meta({ description: 'What the token may be used for.' }),
    tokenId: z.string(),
    creditsMsat: msatText,
    satsMsat: msatText,
  })
  .meta({ id: 'OwnAccount' });

export const grantAnswer = z
  .object({
    id,
    account: accountName,
    asset: z.enum(['CREDITS', 'SATS']),
    amountMsat: msatText,
    reason: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    creditsMsat: msatText.meta({ description: 'Credits that the account can spend now.' }),
    satsMsat: msatText.meta({ description: 'Its sats.' }),
    state: z.enum(['granted', 'pending']).meta({
      description: 'Pending: another operator must approve it, and nothing was given yet.',
    }),
  })
  .meta({ id: 'Grant' });
