import { accountName, role } from '@quittance/sdk/answers';
import { z } from 'zod';
import { usOfIso } from '../../../../domain/credits/time.js';
import { amountMsat } from './values.js';

export const newAccountBody = z.strictObject({ name: accountName, role: role.default('user') });
export const accountParams = z.strictObject({ name: accountName });

export const newTokenBody = z.strictObject({
  label: z.string().max(64).default('').meta({ description: 'To tell tokens apart.' }),
});

/** Stored to the microsecond. */
const expiry = z.iso
  .datetime({ offset: true })
  .refine(
    (text) => usOfIso(text) !== undefined,
    'must have at most six decimal places of a second',
  );

export const grantBody = z
  .strictObject({
    asset: z.enum(['CREDITS', 'SATS']).default('CREDITS'),
    amountMsat,
    reason: z.string().trim().min(1).max(200),
    expiresAt: expiry
      .optional()
      .meta({ description: 'When unspent credits expire; never when left out. Not for sats.' }),
  })
  .refine(({ asset, expiresAt }) => asset === 'CREDITS' || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'sats never expire',
  });
