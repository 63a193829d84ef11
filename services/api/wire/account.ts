import { z } from 'zod';
import { accountName, amountMsat, id, msatText, time } from './values.js';

const role = z.enum(['user', 'operator']);

export const newAccountBody = z.strictObject({ name: accountName, role: role.default('user') });
export const accountParams = z.strictObject({ name: accountName });

export const newTokenBody = z.strictObject({
  label: z.string().max(64).default('').meta({ description: 'For people to tell tokens apart.' }),
});

const account = { id, name: accountName, role };

const token = z
  .string()
  .optional()
  .meta({ description: 'Shown this once; missing when replayed: it is kept nowhere.' });

export const accountAnswer = z.object({ ...account, token }).meta({ id: 'AccountWithToken' });
export const plainAccountAnswer = z.object(account).meta({ id: 'Account' });
export const meAnswer = z.object({ ...account, creditsMsat: msatText }).meta({ id: 'OwnAccount' });

export const grantBody = z.strictObject({
  amountMsat,
  reason: z.string().trim().min(1).max(200),
});

export const grantAnswer = z
  .object({
    id,
    account: accountName,
    amountMsat: msatText,
    reason: z.string(),
    createdAt: time,
    creditsMsat: msatText.meta({ description: 'The credits of the account as they are now.' }),
  })
  .meta({ id: 'Grant' });
