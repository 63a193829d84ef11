import { type WalletConnection, WalletError } from '../../adapters/lightning/wallets/port.js';
import { Refusal } from '../../domain/refusal.js';
import type { EngineContext } from '../context.js';

/**
 * Throws Refusal `wallet.can_spend` or `wallet.invalid`. A wallet that does not answer is accepted: it is asked again before each invoice.
 */
export async function refuseSpending(
  { wallets }: Pick<EngineContext, 'wallets'>,
  wallet: WalletConnection,
): Promise<void> {
  await wallets?.check?.(wallet).catch((error: unknown) => {
    if (!(error instanceof WalletError)) throw error;
    if (error.kind === 'can_spend') throw new Refusal('wallet.can_spend', error.message);
    if (error.kind === 'refused') throw new Refusal('wallet.invalid', error.message);
  });
}
