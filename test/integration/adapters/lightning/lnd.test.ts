import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faultContract } from './faults.contract.helper.js';
import { invoiceContract } from './invoices.contract.helper.js';
import { lightningBinariesOrReason, lndWorld, type LndWorld } from './lnd-world.helper.js';
import { sendContract } from './sends.contract.helper.js';
import type { Lacks } from './world.helper.js';

/** What lnd does not do for a test: lose data, be locked while it runs, hurry its two minutes, or wait for a payee beyond its end. */
const LACKS: Lacks = new Set(['forget', 'lock', 'set_timeout', 'hang_until_expiry'] as const);

/** Built here, as the first build takes longer than a test may. */
const binaries = await lightningBinariesOrReason();
if (typeof binaries === 'string') process.stdout.write(`lnd: not run: ${binaries}\n`);

/** The contract of the Lightning port at a real lnd. */
describe.skipIf(typeof binaries === 'string')('lnd', () => {
  let started: LndWorld;
  const world = (): LndWorld => started;
  beforeAll(async () => void (started = await lndWorld(binaries)));
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
