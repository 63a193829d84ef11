import { randomUUID } from 'node:crypto';
import { satsToMsat } from '../../../domain/money.js';
import { SimulatorNode } from '../../../adapters/lightning/simulator-client/simulator-node.js';
import { QuittanceClient } from '@quittance/sdk';
import type { Bench } from '../bench.js';

/** Whom our node pays. */
export const PAYEE = 'bench-payee';
export const MEMO = { expirySeconds: 600, memo: 'bench' };

/** An account of its own, with sats to withdraw. */
export async function newSaver({
  parts: { apiUrl, operatorToken },
}: Bench): Promise<QuittanceClient> {
  const operator = new QuittanceClient({ baseUrl: apiUrl, token: operatorToken });
  const { name, token = '' } = await operator.openAccount({
    name: `saver-${randomUUID().slice(0, 8)}`,
  });
  const amountMsat = satsToMsat(100_000_000n).toString();
  await operator.grantCredits(name, { asset: 'SATS', amountMsat, reason: 'bench' });
  return new QuittanceClient({ baseUrl: apiUrl, token });
}

/** A post whose author is paid to a wallet; its id. */
export async function postOfPayee(bench: Bench): Promise<string> {
  await bench.wallets.open(PAYEE, satsToMsat(0n));
  const author = await newSaver(bench);
  await author.setWallet({ kind: 'simulator', address: PAYEE, maxPending: null });
  const { action } = await author.openAction({
    ...{ type: 'ITEM_CREATE', args: { title: 'Paid to a wallet' }, payment: 'credits' },
  });
  return action.result['itemId'] ?? '';
}

/** The node as our processes reach it, to make the same calls bare. */
export function bareNode({ parts: { lightningUrl } }: Bench): SimulatorNode {
  return new SimulatorNode({ url: lightningUrl, timeoutMs: 10_000 });
}
