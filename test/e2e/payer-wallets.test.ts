import { payWithWallets, type PayerWallet, QuittanceClient, webLnWallet } from '@quittance/sdk';
import { nwcWallet } from '@quittance/sdk/nwc';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { waitUntil } from '../support/wait-until.js';
import { startNwc } from '../unit/sdk/fake-relay.helper.js';
import {
  canBePaid,
  FLOWS,
  invoiceOf,
  type Opened,
  type Scene,
  setScene,
} from './payer-flows.helper.js';
import { System, WALLET } from './system.helper.js';

let system: System;
let scene: Scene;

beforeAll(async () => {
  system = await System.start();
  scene = await setScene(system);
});
afterAll(() => system.stop());
afterEach(() => vi.restoreAllMocks());

/** What wallets were asked, in order: name and invoice. */
type Log = [wallet: string, bolt11: string][];

function wallet(log: Log, name: string, pay: (bolt11: string) => Promise<unknown>): PayerWallet {
  return {
    name,
    pay: (bolt11) => {
      log.push([name, bolt11]);
      return pay(bolt11);
    },
  };
}

const paying = (log: Log, name = 'paying'): PayerWallet =>
  wallet(log, name, (bolt11) => system.wallets.pay(WALLET, bolt11));
const failing = (log: Log, name = 'failing'): PayerWallet =>
  wallet(log, name, () => Promise.reject(new Error('NO_ROUTE')));

async function pay({ client, action, capability }: Opened, wallets: readonly PayerWallet[]) {
  const proof = capability === undefined ? {} : { capability };
  const paid = await payWithWallets(client, action, wallets, { ...proof, timeoutMs: 20_000 });
  return { ...paid, states: [paid.action.state, ...paid.tries.map((t) => t.outcome)], proof };
}

const balance = async (): Promise<bigint> => (await system.wallets.find(WALLET)).balanceMsat;

describe.each(Object.entries(FLOWS))('%s', (_name, open) => {
  it('without a wallet: the invoice is for a QR code, and is paid by somebody', async () => {
    const opened = await open(scene);
    const { action, states, proof } = await pay(opened, []);
    expect(states).toEqual([opened.action.state]);
    expect(invoiceOf(action)).toBe(invoiceOf(opened.action));
    const waiting = opened.client.waitForAction(action.id, proof);
    await system.wallets.pay(WALLET, invoiceOf(action));
    expect((await waiting).state).toBe('PAID');
  });

  it('with a wallet that pays: the first is asked, and no other', async () => {
    const log: Log = [];
    const opened = await open(scene);
    const { states } = await pay(opened, [paying(log), failing(log)]);
    expect(states).toEqual(['PAID', 'paid']);
    expect(log).toEqual([['paying', invoiceOf(opened.action)]]);
  });

  it('with one that fails: its invoice cannot be paid any more when the next is asked', async () => {
    const log: Log = [];
    const opened = await open(scene);
    const first = invoiceOf(opened.action);
    let stillPayable: boolean | undefined;
    const next = wallet(log, 'next', async (bolt11) => {
      stillPayable = await canBePaid(system, first);
      await system.wallets.pay(WALLET, bolt11);
    });
    const { states } = await pay(opened, [failing(log), next, failing(log, 'last')]);
    expect(states).toEqual(['PAID', 'not_paid', 'paid']);
    expect(log.map(([name]) => name)).toEqual(['failing', 'next']);
    expect([log[0]?.[1], stillPayable]).toEqual([first, false]);
    expect(log[1]?.[1]).not.toBe(first);
  });

  it('with wallets that all fail: a QR code gets an invoice that none was asked to pay', async () => {
    const log: Log = [];
    const opened = await open(scene);
    const { action, states, proof } = await pay(opened, [failing(log, 'one'), failing(log, 'two')]);
    expect(states).toEqual([opened.action.state, 'not_paid', 'not_paid']);
    expect(log.map(([name]) => name)).toEqual(['one', 'two']);
    const shown = invoiceOf(action);
    for (const [, bolt11] of log) expect(await canBePaid(system, bolt11)).toBe(false);
    expect(log.map(([, bolt11]) => bolt11)).not.toContain(shown);
    expect(await canBePaid(system, shown)).toBe(true);
    expect((await opened.client.waitForAction(action.id, proof)).state).toBe('PAID');
  });

  it('with one that pays and says it failed: an error is unknown, and nothing is paid twice', async () => {
    const log: Log = [];
    const opened = await open(scene);
    const before = await balance();
    const lying = wallet(log, 'lying', async (bolt11) => {
      await system.wallets.pay(WALLET, bolt11);
      throw new Error('PAYMENT_FAILED');
    });
    const { action, states } = await pay(opened, [lying, paying(log)]);
    // What is held is given back where the cancel comes before it is known to be held; then the next wallet is asked.
    const given = states.includes('not_paid');
    expect(states).toEqual(given ? ['PAID', 'not_paid', 'paid'] : ['PAID', 'paid']);
    expect(log.map(([name]) => name)).toEqual(given ? ['lying', 'paying'] : ['lying']);
    if (given) expect(await canBePaid(system, log[0]?.[1] ?? '')).toBe(false);
    expect(before - (await balance())).toBe(BigInt(action.costMsat));
  });

  it('the API is killed while the wallet pays: the wait goes on', async () => {
    const log: Log = [];
    const opened = await open(scene);
    const killing = wallet(log, 'killing', async (bolt11) => {
      await killApi();
      await system.wallets.pay(WALLET, bolt11);
    });
    const { states } = await pay(opened, [killing, failing(log)]);
    expect(states).toEqual(['PAID', 'paid']);
    expect(log.map(([name]) => name)).toEqual(['killing']);
  });
});

/** Gone before this returns. */
async function killApi(): Promise<void> {
  const { pid } = system.processes.api;
  system.kill('api');
  await waitUntil('the API is gone', () => system.processes.api.pid !== pid);
}

it('what credits pay for asks no wallet', async () => {
  const log: Log = [];
  const client = await system.account('has-credits', '1000000');
  const { action } = await client.openAction({ type: 'DONATE', args: { sats: 3 } });
  const { states } = await pay({ client, action }, [paying(log)]);
  expect([states, log]).toEqual([['PAID'], []]);
});

it('WebLN and Nostr Wallet Connect, in their order; what they spend by is never sent to the server', async () => {
  const sent: string[] = [];
  const { fetch } = globalThis;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    sent.push(JSON.stringify([input instanceof Request ? input.url : String(input), init]));
    return fetch(input, init);
  });
  const empty = await startNwc({
    answer: () => ({ error: { code: 'INSUFFICIENT_BALANCE', message: 'not enough' } }),
  });
  const rich = await startNwc({
    answer: (bolt11) => {
      void system.wallets.pay(WALLET, bolt11);
      return { error: { code: 'INTERNAL', message: 'it has paid all the same' } };
    },
  });
  const declines = { enable: () => Promise.reject(new Error('declined')), sendPayment: vi.fn() };
  const opened = await FLOWS['optimistic, a post']?.(scene);
  if (opened === undefined) throw new Error('there is no such flow');
  const { states, tries } = await pay(opened, [
    webLnWallet(declines, 'browser'),
    nwcWallet(empty.uri, { name: 'empty', WebSocket }),
    nwcWallet(rich.uri, { name: 'rich', WebSocket }),
  ]);
  expect(states).toEqual(['PAID', 'not_paid', 'not_paid', 'paid']);
  expect(tries.map((one) => one.wallet)).toEqual(['browser', 'empty', 'rich']);
  expect(declines.sendPayment).not.toHaveBeenCalled();
  expect([empty.asked.length, rich.asked.length]).toEqual([1, 1]);
  expect(sent.length).toBeGreaterThan(5);
  for (const secret of [empty.secret, rich.secret, 'walletconnect']) {
    expect(sent.some((text) => text.includes(secret))).toBe(false);
  }
  await Promise.all([empty.stop(), rich.stop()]);
});

describe('waits that outlive a restart of the API', () => {
  it('waitForAction and perform, each from before the kill', async () => {
    const { token = '' } = await system.operator.openAccount({ name: 'patient' });
    const client = new QuittanceClient({ baseUrl: system.parts.apiUrl, token, retries: 0 });
    const post = (title: string) =>
      ({ type: 'ITEM_CREATE', args: { title }, payment: 'invoice' }) as const;
    const { action } = await client.openAction(post('waited for'));
    const waiting = client.waitForAction(action.id);
    const act = client.perform(post('performed'), { local: {} });
    await waitUntil('it is pending', () => act.progress.stage === 'pending');
    await killApi();
    const offline = client.perform(post('begun meanwhile'), { local: {} });
    await system.wallets.pay(WALLET, invoiceOf(action));
    const performed = act.progress.action;
    if (performed === undefined) throw new Error('it is not open');
    await system.wallets.pay(WALLET, invoiceOf(performed));
    expect((await waiting).state).toBe('PAID');
    expect((await act.ended).stage).toBe('paid');
    await waitUntil('it is pending too', () => offline.progress.stage === 'pending');
    const begun = offline.progress.action;
    if (begun === undefined) throw new Error('it is not open');
    await system.wallets.pay(WALLET, invoiceOf(begun));
    expect((await offline.ended).stage).toBe('paid');
    const { actions } = await client.listActions();
    expect(actions).toHaveLength(3);
  });
});
