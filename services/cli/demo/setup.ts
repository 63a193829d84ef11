import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from 'nats';
import { satsToMsat } from '../../../domain/money.js';
import { QuittanceClient, QuittanceError } from '@quittance/sdk';
import { SimulatorWallets } from '../../../adapters/lightning/simulator-client/simulator-wallets.js';
import { loadConfigPart } from '../../shared/config.js';
import { NATS_KEYS, natsOptions } from '../../shared/nats-access/options.js';
import type { DemoContext } from './contract.js';
import { EventLog } from './event-log.js';
import type { Steps } from './steps.js';

/** The clients, wallet and events that the demo uses. */
export interface DemoSetup {
  readonly context: DemoContext;
  readonly steps: Steps;
  readonly events: EventLog;
  readonly alice: QuittanceClient;
  readonly bob: QuittanceClient;
  /** A caller without an account. */
  readonly anonymous: QuittanceClient;
  readonly operator: QuittanceClient;
  /** Pays an invoice from a wallet of the simulated node; returns when it is settled or held. */
  readonly pay: (bolt11: string) => Promise<void>;
  close(): Promise<void>;
}

const WALLET = 'demo-payer';

export async function setUpDemo(context: DemoContext, steps: Steps): Promise<DemoSetup> {
  const { apiUrl: baseUrl, lightningUrl, natsUrl, operatorToken } = context;
  const operator = new QuittanceClient({ baseUrl, token: operatorToken });
  const wallets = new SimulatorWallets({ url: lightningUrl, timeoutMs: 10_000 });
  const config = loadConfigPart(NATS_KEYS, { ...process.env, NATS_URL: natsUrl });
  const nats: NatsConnection = await connect({ ...natsOptions(config), name: 'quittance-demo' });
  const events = new EventLog(nats, ['actions.>', 'transmissions.>']);
  await nats.flush();
  await wallets.open(WALLET, satsToMsat(0n));
  await wallets.deposit(WALLET, satsToMsat(1_000_000n));
  return {
    context,
    steps,
    events,
    alice: new QuittanceClient({ baseUrl, token: await tokenFor(operator, 'alice') }),
    bob: new QuittanceClient({ baseUrl, token: await tokenFor(operator, 'bob') }),
    anonymous: new QuittanceClient({
      baseUrl,
      clientSecret: randomBytes(24).toString('base64url'),
    }),
    operator,
    pay: async (bolt11) => {
      await wallets.pay(WALLET, bolt11);
    },
    close: async () => {
      events.close();
      await nats.close();
    },
  };
}

/** Creates the account, or another token for the account of an earlier run. */
async function tokenFor(operator: QuittanceClient, name: string): Promise<string> {
  try {
    return tokenOf(await operator.openAccount({ name }));
  } catch (error) {
    if (!(error instanceof QuittanceError) || error.code !== 'account.name_taken') throw error;
    return tokenOf(await operator.issueToken(name, 'demo'));
  }
}

function tokenOf({ token }: { readonly token?: string | undefined }): string {
  if (token === undefined)
    throw new Error('the answer has no token: its idempotency key was used before');
  return token;
}
