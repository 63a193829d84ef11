import { migrate } from '../../../../db/migrate.js';
import { createPool } from '../../../../db/pool.js';
import { createNode } from '../../../../adapters/lightning/create-node.js';
import { SimulatorControl } from '../../../../adapters/lightning/simulator-client/simulator-control.js';
import { SimulatorWallets } from '../../../../adapters/lightning/simulator-client/simulator-wallets.js';
import { createPayeeWallets } from '../../../../adapters/lightning/wallets/create-wallets.js';
import { ZERO_MSAT } from '../../../../domain/money.js';
import { newPort } from '../../../../services/shared/free-port.js';
import { emptyDatabase } from '../../../support/empty-database.js';
import { waitUntil } from '../../../support/wait-until.js';
import { startBuilt } from '../../services/built-process.helper.js';
import { type Mutation, SATS, type World } from './world.helper.js';

const OPERATIONS = {
  createInvoice: 'create_invoice',
  settleInvoice: 'settle_invoice',
  cancelInvoice: 'cancel_invoice',
  sendPayment: 'send_payment',
} as const satisfies Record<Mutation, string>;

/** Of `World.fault`, at the simulator. Each hits one call. */
const FAULTS = {
  lose: { effect: 'lose_answer', times: 1 },
  park: { effect: 'park', answer: 'cut', times: 1 },
  double: { effect: 'double', times: 1 },
} as const;

export interface StartedWorld extends World {
  close(): Promise<void>;
}

/** The simulator's process, on a database of its own, and its client. */
export async function simulatorWorld(): Promise<StartedWorld> {
  const database = await emptyDatabase();
  await migrate({ connectionString: database.url });
  const url = `http://127.0.0.1:${await newPort('127.0.0.1')}`;
  const simulator = startBuilt('simulators/lightning', {
    DATABASE_URL: database.url,
    QUITTANCE_LIGHTNING_URL: url,
  });
  const pool = createPool({
    connectionString: database.url,
    max: 1,
    applicationName: 'contract',
    onError: () => undefined,
  });
  const endpoint = { url, timeoutMs: 5_000 };
  const node = createNode({ lightningUrl: url, nodeTimeoutSeconds: 5 });
  await waitUntil('the node', () => node.info().catch(() => undefined));
  const wallets = new SimulatorWallets(endpoint);
  await wallets.open('payer', SATS(10_000_000));
  await wallets.open('payee', SATS(10_000_000));
  const others = withOthers(wallets, new SimulatorControl(endpoint));
  return {
    ...others,
    node,
    wallets: createPayeeWallets({ lightningUrl: url, walletTimeoutSeconds: 5 }),
    wallet: { kind: 'simulator', address: 'payee' },
    letSetTimeOut: async (hash) => {
      await pool.query(
        `update lightning_sim.payments set started_at = started_at - interval '120 s'
          where hash = $1 and state = 'in_flight' and amount_msat < total_msat`,
        [hash],
      );
      await waitUntil('the timeout', async () => {
        const payment = await wallets.findPayment('payer', hash);
        // A complete set, and none, does not time out.
        const { rows } = await pool.query<{ waits: boolean }>(
          `select amount_msat < total_msat as waits from lightning_sim.payments
            where hash = $1 and state = 'in_flight'`,
          [hash],
        );
        return payment?.state !== 'in_flight' || rows[0]?.waits === false;
      });
    },
    close: async () => {
      await simulator.end('SIGTERM');
      await pool.end();
      await database.drop();
    },
  };
}

function withOthers(
  wallets: SimulatorWallets,
  control: SimulatorControl,
): Omit<World, 'node' | 'wallets' | 'wallet' | 'letSetTimeOut'> {
  return {
    pay: async (bolt11, { amountMsat, ...how } = {}) => {
      await wallets.pay('payer', bolt11, amountMsat, how);
    },
    stateAtPayer: async (hash) => (await wallets.findPayment('payer', hash))?.state,
    mint: ({ amountMsat, outcome = 'succeed', expirySeconds = 600 }) =>
      wallets.createInvoice('payee', { amountMsat, expirySeconds, memo: 'pay me' }, outcome),
    decide: (hash, outcome) => wallets.decide('payee', hash, outcome),
    mine: (blocks) => control.mine(blocks),
    totalMsat: async () => {
      const { conserved, balancesMsat, inFlightMsat, ...wrong } = await control.recount();
      if (!conserved) throw new Error(`the books are wrong: ${JSON.stringify(wrong, asText)}`);
      return balancesMsat + inFlightMsat;
    },
    receivedByPayee: async (hash) =>
      (await wallets.findInvoice('payee', hash))?.receivedMsat ?? ZERO_MSAT,
    fault: (call, fault) =>
      control.setFaults({
        rules: [{ operation: OPERATIONS[call], ...FAULTS[fault] }],
      }),
    release: () => control.release(),
    lock: () =>
      control.setFaults({
        rules: [{ operation: 'any', effect: 'unavailable', alarm: 'locked' }],
      }),
    heal: () => control.clearFaults(),
    forget: (hash) => control.forget(hash),
  };
}

const asText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
