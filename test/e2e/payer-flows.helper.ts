import { toMsat } from '../../domain/money.js';
import { type Action, type OpenedAction, QuittanceClient } from '@quittance/sdk';
import { type System, WALLET } from './system.helper.js';

/** An action that was opened, with who may pay, cancel and retry it. */
export interface Opened {
  readonly client: QuittanceClient;
  readonly action: Action;
  readonly capability?: string;
}

/** What is there to be acted on. */
export interface Scene {
  readonly system: System;
  readonly payer: QuittanceClient;
  readonly itemId: string;
  /** Of an account with a wallet of its own. */
  readonly walletItemId: string;
}

let posts = 0;

/** Opened without a token: the capability is the proof. A call is not repeated by the transport: waits have to go on by themselves. */
async function anonymously(
  { system }: Scene,
  request: Parameters<QuittanceClient['openAction']>[0],
): Promise<Opened> {
  const client = new QuittanceClient({ baseUrl: system.parts.apiUrl, retries: 0 });
  const { action, capability = '' } = await client.openAction(request);
  return { client, action, capability };
}

/** Each way in which an action is paid by an invoice; what it is called, and its first state. */
export const FLOWS: Readonly<Record<string, (scene: Scene) => Promise<Opened>>> = {
  'optimistic, a post': async ({ payer: client }) => {
    posts += 1;
    const args = { title: `A post paid by a wallet ${posts}` };
    return opened(
      client,
      await client.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' }),
    );
  },
  'optimistic, a zap': async ({ payer: client, itemId }) =>
    opened(
      client,
      await client.openAction({ type: 'ZAP', args: { itemId, sats: 5 }, payment: 'invoice' }),
    ),
  'pessimistic, a donation': async ({ payer: client }) =>
    opened(
      client,
      await client.openAction({ type: 'DONATE', args: { sats: 7 }, payment: 'invoice' }),
    ),
  'pessimistic, without an account': (scene) =>
    anonymously(scene, { type: 'ZAP', args: { itemId: scene.itemId, sats: 2 } }),
  'wrapped, a zap to a wallet': (scene) =>
    anonymously(scene, { type: 'ZAP', args: { itemId: scene.walletItemId, sats: 100 } }),
};

function opened(client: QuittanceClient, { action }: OpenedAction): Opened {
  return { client, action };
}

/** The actors, their items, and a payee with a wallet at the simulated node. */
export async function setScene(system: System): Promise<Scene> {
  const author = await system.account('author', '1000000000');
  const rich = await system.account('payee', '1000000000');
  const { token = '' } = await system.operator.openAccount({ name: 'payer' });
  const payer = new QuittanceClient({ baseUrl: system.parts.apiUrl, token, retries: 0 });
  await system.wallets.open('payees-own', toMsat(0n));
  await rich.setWallet({ kind: 'simulator', address: 'payees-own' });
  const post = async (by: QuittanceClient, title: string): Promise<string> =>
    (await by.openAction({ type: 'ITEM_CREATE', args: { title }, payment: 'credits' })).action
      .result['itemId'] ?? '';
  return {
    ...{ system, payer },
    itemId: await post(author, 'Zap this'),
    walletItemId: await post(rich, 'Zap this to my wallet'),
  };
}

export function invoiceOf(action: Action): string {
  const bolt11 = action.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 !== 'string') throw new Error(`no invoice: ${action.state}`);
  return bolt11;
}

/** Whether anybody can still pay it. It is paid by this, if it can be. */
export function canBePaid({ wallets }: System, bolt11: string): Promise<boolean> {
  return wallets.pay(WALLET, bolt11).then(
    () => true,
    () => false,
  );
}
