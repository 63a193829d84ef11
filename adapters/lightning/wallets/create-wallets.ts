import { LightningAddressWallets } from './lightning-address.js';
import type { PayeeWallets, WalletKind } from './port.js';
import { SimulatorPayeeWallets } from './simulator-payee-wallets.js';

/** A client of payees' wallets, of every kind that can be connected. */
export function createPayeeWallets(config: {
  readonly lightningUrl: string;
  readonly walletTimeoutSeconds: number;
}): PayeeWallets {
  const { lightningUrl: url, walletTimeoutSeconds } = config;
  const timeoutMs = walletTimeoutSeconds * 1000;
  const byKind: Readonly<Record<WalletKind, PayeeWallets>> = {
    simulator: new SimulatorPayeeWallets({ url, timeoutMs }),
    lightning_address: new LightningAddressWallets({ timeoutMs }),
  };
  return { mint: (wallet, request) => byKind[wallet.kind].mint(wallet, request) };
}
