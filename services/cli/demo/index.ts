import type { Demo } from './contract.js';
import { postByInvoice, postPaidLate, zapByAnonymous, zapByCredits } from './paid-actions.js';
import { Script } from './script.js';
import { setStage } from './stage.js';
import { transmitTen } from './transmissions.js';

/** The main job on real input: every step is checked against the API and the events, and shown as it happens. */
export const runDemo: Demo = async (context) => {
  const script = new Script(context.report, context.signal);
  const stage = await setStage(context, script);
  try {
    await script.run(async () => {
      const itemId = await postByInvoice(stage);
      await script.run(() => zapByCredits(stage, itemId));
      await script.run(() => zapByAnonymous(stage, itemId));
    });
    await script.run(() => postPaidLate(stage));
    await script.run(() => transmitTen(stage));
  } finally {
    await stage.close();
  }
  context.report(`\n${script.table()}`);
  return script.result();
};
