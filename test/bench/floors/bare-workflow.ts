import {
  condition,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { BareActivities } from './bare-activities.js';

const { step } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '10 seconds' });

export const opened = defineUpdate<number>('opened');
export const settle = defineSignal('settle');
export const probe = defineSignal('probe');

/** A common benchmark of workflow engines: a durable start with one insert, an event, a second insert. */
export async function openAndSettle(): Promise<number> {
  let settled = false;
  setHandler(settle, () => {
    settled = true;
  });
  const done: number[] = [];
  setHandler(opened, async () => {
    await condition(() => done.length > 0);
    return done.length;
  });
  done.push(await step('open'));
  await condition(() => settled);
  return step('settle');
}

/** Runs a local activity for each signal. Ends after 30 s without one. */
export async function answerSignals(): Promise<void> {
  let waiting = 0;
  setHandler(probe, () => {
    waiting += 1;
  });
  while (await condition(() => waiting > 0, '30 seconds')) {
    waiting -= 1;
    await step('probe');
  }
}
