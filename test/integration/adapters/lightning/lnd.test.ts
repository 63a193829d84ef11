import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faultContract } from './faults.contract.helper.js';
import { invoiceContract } from './invoices.contract.helper.js';
import { lndWorld, type LndWorld } from './lnd-world.helper.js';
import { sendContract } from './sends.contract.helper.js';
import type { Lacks } from './world.helper.js';

/** What lnd does not do for a test: lose data, be locked while it runs, hurry its two minutes, or wait for a payee beyond its end. */
const LACKS: Lacks = new Set(['forget', 'lock', 'set_timeout', 'hang_until_expiry'] as const);

/** Not run unless asked for: LND_CONTRACT=1. The first run builds lnd, which takes minutes. */
const whenAsked = process.env['LND_CONTRACT'] === '1' ? describe : describe.skip;

/** The contract of the Lightning port at a real lnd. */
whenAsked('lnd', () => {
  let started: LndWorld;
  const world = (): LndWorld => started;
  beforeAll(async () => void (started = await lndWorld()));
  afterEach(() => started.heal());
  afterAll(() => started.close());

  test('says who it is', async () => {
    expect(await started.node.info()).toMatchObject({
      publicKey: await started.network.alice.publicKey(),
      network: 'regtest',
      synced: true,
    });
  });

  invoiceContract(world, LACKS);
  sendContract(world, LACKS);
  faultContract(world, LACKS);
});
