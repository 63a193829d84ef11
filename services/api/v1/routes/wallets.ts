import { walletAnswer, walletsAnswer } from '@quittance/sdk/answers';
import { z } from 'zod';
import { WALLET_KINDS } from '../../../../adapters/lightning/wallets/port.js';
import { transact } from '../../../../engine/context.js';
import {
  listWallets,
  type PayeeWallet,
  setWallet,
} from '../../../../engine/payouts/payee-wallets.js';
import { refuseSpending } from '../../../../engine/payouts/refuse-spending.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';

const tags = ['wallets'];

const walletBody = z.strictObject({
  kind: z.enum(WALLET_KINDS),
  address: z
    .string()
    .regex(/^[!-~]{1,2000}$/, 'must be 1 to 2000 printable ASCII characters')
    .meta({
      description:
        'How the wallet is reached: it must not be able to spend. name@domain, nostr+walletconnect://…, or lndconnect://… with an invoice macaroon.',
    }),
  priority: z.int().min(-1000).max(1000).default(0),
  enabled: z.boolean().default(true),
  maxPending: z.int().min(0).max(1000).nullable().default(25),
});

export function addWalletRoutes(app: ZodApp, { engine, reads }: ApiDeps): void {
  app.put(
    '/v1/wallets',
    {
      config: {
        access: 'account',
        refusals: ['wallet.too_many', 'wallet.can_spend', 'wallet.invalid', 'account.frozen'],
      },
      schema: {
        tags,
        summary: 'Add a wallet to be paid to, or change how it is used',
        description: 'Zaps for the account’s items are paid to its wallets; else it gets credits.',
        body: walletBody,
        response: { 200: walletAnswer },
      },
    },
    async (request) => {
      const { id: owner } = accountOf(request);
      await refuseSpending(engine, request.body);
      return present(await transact(engine, (tx) => setWallet(tx, engine, owner, request.body)));
    },
  );
  app.get(
    '/v1/wallets',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'List the account’s wallets in the order in which they are tried',
        response: { 200: walletsAnswer },
      },
    },
    async (request) => {
      const wallets = await listWallets(reads, engine, accountOf(request).id);
      return { wallets: wallets.map(present) };
    },
  );
}

function present(wallet: PayeeWallet): z.output<typeof walletAnswer> {
  return { ...wallet, id: wallet.id.toString() };
}
