import { z } from 'zod';
import { msatText, rowId } from './values.js';

/** Where an account is paid over Lightning. */
export const walletAnswer = z
  .object({
    id: rowId,
    kind: z.string(),
    address: z.string(),
    priority: z.int().meta({ description: 'Lower ones are tried first.' }),
    enabled: z.boolean(),
    maxPending: z.int().nullable().meta({ description: 'Payments to it at once.' }),
  })
  .meta({ id: 'Wallet' });

/** Whether an account's sats leave by themselves. */
export const autoWithdrawalAnswer = z
  .object({
    thresholdMsat: msatText
      .nullable()
      .meta({ description: 'Sats above it leave; null: they stay.' }),
    failure: z.string().nullable().meta({
      description: 'Why the newest try opened no withdrawal; it is made again after an hour.',
    }),
  })
  .meta({ id: 'AutoWithdrawal' });

export const walletsAnswer = z.object({ wallets: z.array(walletAnswer) });
