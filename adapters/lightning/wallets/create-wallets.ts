import type { PayeeWallets } from './port.js';
import { SimulatorPayeeWallets } from './simulator-payee-wallets.js';

/** A client of payees' wallets, of every kind that can be connected. */
export function createPayeeWallets(config: {
  readonly lightningUrl: string;
  readonly walletTimeoutSeconds: number;
}): PayeeWallets {
  const { lightningUrl: url, walletTimeoutSeconds } = config;
  return new SimulatorPayeeWallets({ url, timeoutMs: walletTimeoutSeconds * 1000 });
}
