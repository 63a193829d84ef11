import type { PayerWallet } from './wallets.js';

/** What a browser's wallet offers as `window.webln`. Source: https://www.webln.dev. */
export interface WebLnProvider {
  enable(): Promise<unknown>;
  sendPayment(bolt11: string): Promise<{ readonly preimage: string }>;
}

/** The wallet of the browser. It asks its owner by itself. */
export function webLnWallet(provider: WebLnProvider, name = 'WebLN'): PayerWallet {
  return {
    name,
    async pay(bolt11) {
      await provider.enable();
      await provider.sendPayment(bolt11);
    },
  };
}
