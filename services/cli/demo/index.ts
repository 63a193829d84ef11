import type { Demo } from './contract.js';
import { postByInvoice, postPaidLate, zapByAnonymous, zapByCredits } from './paid-actions.js';
import { pagesToOpen } from './pages.js';
import { Steps } from './steps.js';
import { setUpDemo } from './setup.js';
import { storeWithLosses } from './store.js';
import { transmitTen } from './transmissions.js';
import { zapToWallet } from './wallets.js';

/** Runs every flow once. Each step is checked against the API and the events, and reported at once. */
export const runDemo: Demo = async (context) => {
  const steps = new Steps(context.report, context.signal);
  context.report(`Its Lightning node: ${context.nodeIs}`);
  const setup = await setUpDemo(context, steps);
  let posted: string | undefined;
  try {
    await steps.runScenario(async () => {
      const itemId = await postByInvoice(setup);
      posted = itemId;
      await steps.runScenario(() => zapByCredits(setup, itemId));
      await steps.runScenario(() => zapByAnonymous(setup, itemId));
      const { payeeWallet } = context;
      if (payeeWallet !== undefined) {
        await steps.runScenario(() => zapToWallet(setup, itemId, payeeWallet));
      }
    });
    await steps.runScenario(() => postPaidLate(setup));
    await steps.runScenario(() => transmitTen(setup));
    await steps.runScenario(() => storeWithLosses(setup));
  } finally {
    await setup.close();
  }
  context.report(`\n${steps.table()}`);
  context.report(pagesToOpen(context.apiUrl, posted));
  return steps.result();
};
