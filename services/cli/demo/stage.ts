import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from 'nats';
import { satsToMsat } from '../../../domain/money.js';
import { QuittanceClient, QuittanceError } from '@quittance/sdk';
import { SimulatorWallets } from '../../../adapters/lightning/simulator-client/simulator-wallets.js';
import type { DemoContext } from './contract.js';
import { EventLog } from './event-log.js';
import type { Script } from './script.js';

/** Everybody and everything that the demo plays with. */
export interface Stage {
  readonly context: DemoContext;
  readonly script: Script;
  readonly events: EventLog;
  readonly alice: QuittanceClient;
  readonly bob: QuittanceClient;
  /** Somebody without an account. */
  readonly anonymous: QuittanceClient;
  readonly operator: QuittanceClient;
  /** Pays an invoice from somebody's wallet at the simulated node; returns when it is settled or held. */
  readonly pay: (bolt11: string) => Promise<void>;
  close(): Promise<void>;
}

const WALLET = 'demo-payer';

export async function setStage(context: DemoContext, script: Script): Promise<Stage> {
  const { apiUrl: baseUrl, lightningUrl, natsUrl, operatorToken } = context;
  const operator = new QuittanceClient({ baseUrl, token: operatorToken });
  const wallets = new SimulatorWallets({ url: lightningUrl, timeoutMs: 10_000 });
  const nats: NatsConnection = await connect({ servers: natsUrl, name: 'quittance-demo' });
  const events = new EventLog(nats, ['actions.>', 'transmissions.>']);
  await nats.flush();
  await wallets.open(WALLET, satsToMsat(0n));
  await wallets.deposit(WALLET, satsToMsat(1_000_000n));
  return {
    context,
    script,
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

/** A new account, or one more token for the account of an earlier run. */
async function tokenFor(operator: QuittanceClient, name: string): Promise<string> {
  try {
    return given(await operator.openAccount({ name }));
  } catch (error) {
    if (!(error instanceof QuittanceError) || error.code !== 'account.name_taken') throw error;
    return given(await operator.issueToken(name, 'demo'));
  }
}

function given({ token }: { readonly token?: string | undefined }): string {
  if (token === undefined) throw new Error('no token was given: an idempotency key was used twice');
  return token;
}
