/** What the checks depend on beside the data. */
export interface Settings {
  /** Delivered outbox rows are deleted after this. */
  readonly outboxKeepHours: number;
  /** How late something may be before it counts as stuck. */
  readonly graceSeconds: number;
}

/** A rule, with an SQL query for the rows that break it. */
export interface Check {
  /** The rule, as a sentence that is true when all is well. */
  readonly name: string;
  /** Has one column, `id`, which a person can look up. No rows when all is well. */
  readonly offenders: string;
  readonly values?: (settings: Settings) => readonly unknown[];
  /** The rule only has to hold in time: breaking it is a warning on a live system, an error at rest. */
  readonly inTime?: true;
  /** With `inTime`: what is later than this breaks the rule on a live system, too. */
  readonly brokenAfterSeconds?: number;
}

/** `unchecked`: what the check needs could not be read. `skipped`: there is nothing to check here. */
export type Verdict = 'ok' | 'warning' | 'BROKEN' | 'unchecked' | 'skipped';

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** How many offenders there are. */
  readonly count: number;
  /** The first five offenders. */
  readonly ids: readonly string[];
  /** Why it was not checked, or other facts about the result. */
  readonly note?: string;
}

export const IDS_SHOWN = 5;

export function findingOf(check: string, ids: readonly string[], inTime: boolean): Finding {
  const broken = inTime ? 'warning' : 'BROKEN';
  return {
    check,
    verdict: ids.length === 0 ? 'ok' : broken,
    count: ids.length,
    ids: [...ids].sort().slice(0, IDS_SHOWN),
  };
}
