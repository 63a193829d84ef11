import { addDays, GRACE_DAYS } from './billing.js';
import type { TerritoryState } from './machine.js';

export interface TerritoryStatus {
  readonly state: TerritoryState;
  readonly autoRenew: boolean;
  /** Null: for ever. */
  readonly paidUntil: Date | null;
  /** When it is looked at next. */
  readonly dueAt: Date | null;
  readonly now: Date;
}

/** What is due: to wait, to try a renewal, or a transition. */
export type TerritoryStep =
  | { readonly do: 'wait'; readonly until: Date | null }
  | { readonly do: 'renew' }
  | { readonly do: 'unpaid' | 'stopped' };

/** A renewal is tried before anything is taken away, also where nobody has looked for long. */
export function territoryStep(territory: TerritoryStatus): TerritoryStep {
  const { state, autoRenew, paidUntil, dueAt, now } = territory;
  if (state === 'STOPPED' || paidUntil === null) return { do: 'wait', until: null };
  if (state === 'ACTIVE') {
    if (paidUntil > now) return { do: 'wait', until: paidUntil };
    return { do: autoRenew ? 'renew' : 'unpaid' };
  }
  const graceEnd = addDays(paidUntil, GRACE_DAYS);
  if (graceEnd <= now) return { do: 'stopped' };
  if (!autoRenew) return { do: 'wait', until: graceEnd };
  if (dueAt !== null && dueAt > now) return { do: 'wait', until: dueAt };
  return { do: 'renew' };
}
