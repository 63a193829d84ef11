import { z } from 'zod';
import { rowId } from './values.js';

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

export const walletsAnswer = z.object({ wallets: z.array(walletAnswer) });
