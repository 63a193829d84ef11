import { accountName, role, scope } from '@quittance/sdk/answers';
import { z } from 'zod';
import { amountMsat, instant, storable } from './values.js';

export const newAccountBody = z.strictObject({ name: accountName, role: role.default('user') });
export const accountParams = z.strictObject({ name: accountName });

export const tokenTerms = {
  label: storable.max(64).default('').meta({ description: 'To tell tokens apart.' }),
  scopes: z
    .array(scope)
    .min(1)
    .max(scope.options.length)
    .nullable()
    .default(null)
    .meta({ description: 'What it may be used for: all that the role may do when left out.' }),
  days: z.int().min(1).max(3650).optional().meta({ description: 'How long it lasts; for ever.' }),
};

export const newTokenBody = z.strictObject(tokenTerms);

export const because = storable.trim().min(1).max(200).meta({ description: 'For the audit.' });

export const grantBody = z
  .strictObject({
    asset: z.enum(['CREDITS', 'SATS']).default('CREDITS'),
    amountMsat,
    reason: storable.trim().min(1).max(200),
    expiresAt: instant
      .optional()
      .meta({ description: 'When unspent credits expire; never when left out. Not for sats.' }),
  })
  .refine(({ asset, expiresAt }) => asset === 'CREDITS' || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'sats never expire',
  });
