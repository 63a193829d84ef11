import { LightningAddressWallets } from './lightning-address.js';
import { LndWallets } from './lnd-wallets.js';
import { NwcWallets } from './nwc-wallets.js';
import type { PayeeWallets, WalletKind } from './port.js';
import { AnySocket } from './relay-sockets.js';
import { SimulatorPayeeWallets } from './simulator-payee-wallets.js';

/** A client of payees' wallets, of every kind that can be connected. */
export function createPayeeWallets(config: {
  readonly lightningUrl: string;
  readonly walletTimeoutSeconds: number;
  /** For development: wallets on this machine, over connections that are not encrypted. */
  readonly mayBePrivate?: boolean;
}): PayeeWallets {
  const { lightningUrl: url, walletTimeoutSeconds, mayBePrivate = false } = config;
  const timeoutMs = walletTimeoutSeconds * 1000;
  const byKind: Readonly<Record<WalletKind, PayeeWallets>> = {
    simulator: new SimulatorPayeeWallets({ url, timeoutMs }),
    lightning_address: new LightningAddressWallets({ timeoutMs }),
    nwc: new NwcWallets({ timeoutMs, ...(mayBePrivate && { WebSocket: AnySocket }) }),
    lnd: new LndWallets({ timeoutMs, ...(mayBePrivate && { mayConnect: () => true }) }),
  };
  return {
    mint: (wallet, request) => byKind[wallet.kind].mint(wallet, request),
    hasReceived: async (wallet, hash, verify) =>
      byKind[wallet.kind].hasReceived?.(wallet, hash, verify),
    check: async (wallet) => byKind[wallet.kind].check?.(wallet),
  };
}
