import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { faultContract } from './faults.contract.helper.js';
import { invoiceContract } from './invoices.contract.helper.js';
import { moneyContract } from './money.contract.helper.js';
import { sendContract } from './sends.contract.helper.js';
import { simulatorWorld, type StartedWorld } from './simulator-world.helper.js';

/** The contract of the Lightning port, at the simulator's process. An adapter of a real node runs the same. */
describe('the simulator', () => {
  let started: StartedWorld;
  const world = (): StartedWorld => started;
  beforeAll(async () => void (started = await simulatorWorld()));
  afterEach(async () => {
    await started.heal();
    expect(await started.totalMsat()).toBeGreaterThan(0n);
  });
  afterAll(() => started.close());

  test('says who it is', async () => {
    expect(await started.node.info()).toMatchObject({
      publicKey: expect.stringMatching(/^0[23][0-9a-f]{64}$/) as string,
      network: 'regtest',
      synced: true,
    });
  });

  invoiceContract(world);
  sendContract(world);
  faultContract(world);
  moneyContract(world, 15);
});
