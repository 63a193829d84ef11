import { sealAllPlainWallets, type WalletKeys } from '../../../engine/payouts/wallet-secrets.js';
import { repeat, type Repeated } from '../timing.js';
import type { MaintenanceParts } from './tasks.js';

/** One look into an index that is empty. */
const EVERY_MS = 60_000;

/** Encrypts secrets of wallets that an older release, running beside this one, writes as they are. */
export function startWalletSealing(
  { pool, logger }: Pick<MaintenanceParts, 'pool' | 'logger'>,
  keys: WalletKeys,
): Repeated {
  return repeat(
    EVERY_MS,
    async (signal) => {
      const wallets = await sealAllPlainWallets(pool, keys, signal);
      if (wallets > 0) logger.info({ wallets }, 'secrets of wallets were encrypted');
    },
    (err) => logger.warn({ err }, 'secrets of wallets could not be encrypted'),
  );
}
