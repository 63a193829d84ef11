import { accountName, role } from '@quittance/sdk/answers';
import { z } from 'zod';
import { amountMsat, instant, storable } from './values.js';

export const newAccountBody = z.strictObject({ name: accountName, role: role.default('user') });
export const accountParams = z.strictObject({ name: accountName });

export const newTokenBody = z.strictObject({
  label: storable.max(64).default('').meta({ description: 'To tell tokens apart.' }),
});

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
