/** What a check goes by beside the data. */
export interface Settings {
  /** Outbox rows that were delivered are cleared away after this. */
  readonly outboxKeepHours: number;
  /** How late something may be before it counts as stuck. */
  readonly graceSeconds: number;
}

/** A rule, as a query in SQL for what breaks it. */
export interface Check {
  /** The rule, as a sentence that holds. */
  readonly name: string;
  /** One column, `id`: what a person can look up. Empty when all is well. */
  readonly offenders: string;
  readonly values?: (settings: Settings) => readonly unknown[];
  /** Of something that only has to happen in time: on a live system a warning, at rest an error. */
  readonly inTime?: true;
}

/** `unchecked`: it could not be read. `skipped`: there is nothing of the kind here. */
export type Verdict = 'ok' | 'warning' | 'BROKEN' | 'unchecked' | 'skipped';

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** How many break it. */
  readonly count: number;
  /** The first five of them. */
  readonly ids: readonly string[];
  /** Why it was not checked, or what is to be known besides. */
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
