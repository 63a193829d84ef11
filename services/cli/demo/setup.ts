import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from 'nats';
import { satsToMsat } from '../../../domain/money.js';
import { QuittanceClient } from '@quittance/sdk';
import { SimulatorWallets } from '../../../adapters/lightning/simulator-client/simulator-wallets.js';
import { loadConfigPart } from '../../shared/config.js';
import { NATS_KEYS, natsOptions } from '../../shared/nats-access/options.js';
import type { DemoContext, Payer } from './contract.js';
import { EventLog } from './event-log.js';
import type { Steps } from './steps.js';

/** The clients, wallet and events that the demo uses. */
export interface DemoSetup {
  readonly context: DemoContext;
  readonly steps: Steps;
  readonly events: EventLog;
  /** Of their accounts. */
  readonly names: { readonly alice: string; readonly bob: string };
  readonly alice: QuittanceClient;
  readonly bob: QuittanceClient;
  /** A caller without an account. */
  readonly anonymous: QuittanceClient;
  readonly operator: QuittanceClient;
  /** Pays an invoice from a node or wallet that is not ours; returns when it is settled or held. */
  readonly pay: (bolt11: string) => Promise<void>;
  close(): Promise<void>;
}

const WALLET = 'demo-payer';

export async function setUpDemo(context: DemoContext, steps: Steps): Promise<DemoSetup> {
  const { apiUrl: baseUrl, lightningUrl, natsUrl, operatorToken } = context;
  const operator = new QuittanceClient({ baseUrl, token: operatorToken });
  const payer = context.payer ?? (await simulatedPayer(lightningUrl));
  const config = loadConfigPart(NATS_KEYS, { ...process.env, NATS_URL: natsUrl });
  const nats: NatsConnection = await connect({ ...natsOptions(config), name: 'quittance-demo' });
  const events = new EventLog(nats, ['actions.>', 'transmissions.>']);
  await nats.flush();
  // New ones each time: whoever posts the same twice within ten minutes is refused, and posting again costs ten times as much.
  const run = randomBytes(3).toString('hex');
  const names = { alice: `alice-${run}`, bob: `bob-${run}` };
  return {
    context,
    steps,
    events,
    names,
    alice: new QuittanceClient({ baseUrl, token: await tokenFor(operator, names.alice) }),
    bob: new QuittanceClient({ baseUrl, token: await tokenFor(operator, names.bob) }),
    anonymous: new QuittanceClient({
      baseUrl,
      clientSecret: randomBytes(24).toString('base64url'),
    }),
    operator,
    pay: (bolt11) => payer.pay(bolt11),
    close: async () => {
      events.close();
      await nats.close();
    },
  };
}

async function simulatedPayer(url: string): Promise<Payer> {
  const wallets = new SimulatorWallets({ url, timeoutMs: 10_000 });
  await wallets.open(WALLET, satsToMsat(0n));
  await wallets.deposit(WALLET, satsToMsat(1_000_000n));
  return {
    pay: async (bolt11) => {
      await wallets.pay(WALLET, bolt11);
    },
  };
}

async function tokenFor(operator: QuittanceClient, name: string): Promise<string> {
  const { token } = await operator.openAccount({ name });
  if (token === undefined)
    throw new Error('the answer has no token: its idempotency key was used before');
  return token;
}
