import { afterAll, beforeAll, describe, expect } from 'vitest';
import { brokenRules } from '../../../../support/books.js';
import { lightningBinariesOrReason } from '../lnd-world.helper.js';
import { deletedPayments } from './deleted.helper.js';
import { doctorOnLnd } from './doctor.helper.js';
import { killedLnd } from './killed.helper.js';
import { networkFaults } from './network-faults.helper.js';
import { paymentBugs } from './payments.bugs.helper.js';
import { type Observing, Stand } from './stand.helper.js';
import { payeesWallets } from './wallets.helper.js';
import { watchingBugs } from './watching.bugs.helper.js';

const binaries = await lightningBinariesOrReason();
if (typeof binaries === 'string')
  process.stdout.write(`others' bugs on lnd: not run: ${binaries}\n`);

describe.skipIf(typeof binaries === 'string')("others' bugs, on a real lnd", () => {
  let started: Stand;
  const stand = (): Stand => started;
  const watching = {} as { observing: Observing };

  beforeAll(async () => {
    started = await Stand.start(binaries);
    watching.observing = started.observe();
  });
  afterAll(async () => {
    await watching.observing.stop();
    const broken = await brokenRules(started.fixture.pool);
    await started.close();
    expect(broken).toEqual([]);
  });

  doctorOnLnd(stand);
  paymentBugs(stand);
  networkFaults(stand);
  killedLnd(stand);
  payeesWallets(stand);
  watchingBugs(stand, watching);
  deletedPayments(stand, watching);
});
