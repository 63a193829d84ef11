import { z } from 'zod';
import { usOfIso } from '../../../../domain/credits/time.js';
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

/** To the microsecond, as it is kept. */
const expiry = z.iso
  .datetime({ offset: true })
  .refine((text) => usOfIso(text) !== undefined, 'must have six digits of a second at most');

export const grantBody = z.strictObject({
  amountMsat,
  reason: z.string().trim().min(1).max(200),
  expiresAt: expiry
    .optional()
    .meta({ description: 'Unspent credits are lost then; never when left out.' }),
});

export const grantAnswer = z
  .object({
    id,
    account: accountName,
    amountMsat: msatText,
    reason: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    creditsMsat: msatText.meta({ description: 'What the account can spend now.' }),
  })
  .meta({ id: 'Grant' });
