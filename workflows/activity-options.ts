import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/** Short idempotent SQL. Retried for ever: a database that is down is waited for. */
export const LOCAL: LocalActivityOptions = {
  startToCloseTimeout: '20 seconds',
  retry: {
    initialInterval: '100 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
  },
};

/** Calls to the outside, retried until the state's deadline has passed. */
export function outside(withinMs: number | null): ActivityOptions {
  return {
    startToCloseTimeout: '15 seconds',
    ...(withinMs === null ? {} : { scheduleToCloseTimeout: withinMs }),
    retry: {
      initialInterval: '250 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '15 seconds',
    },
  };
}
