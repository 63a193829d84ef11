import { type IncidentKind, kindRule, type Severity } from './kinds.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long the first notice of a kind that groups waits for further orders. */
export const GROUPING_MS = 10 * MINUTE_MS;
/** From each notice to its repeat: 1 h, 6 h and 24 h after the first. */
const REPEATS_MS = [HOUR_MS, 5 * HOUR_MS, 18 * HOUR_MS] as const;
/** After the last of those, an incident is told again only when something was added to it. */
const LATER_MS = 24 * HOUR_MS;

export type NoticeKind = 'opened' | 'repeated' | 'resolved';

/** What decides which notice of an incident comes next, and when. */
export interface NoticeFacts {
  readonly kind: IncidentKind;
  readonly severity: Severity;
  readonly openedAt: Date;
  /** When something was last added that people were not told. */
  readonly newsAt: Date;
  /** Null while the store has not confirmed it. */
  readonly verifiedAt: Date | null;
  readonly healedAt: Date | null;
  readonly mutedUntil: Date | null;
  /** How many notices were given. */
  readonly step: number;
  readonly toldAt: Date | null;
  readonly resolvedTold: boolean;
}

/** A notice that is due, or when to look again. Null: when something changes. */
export type NoticeDecision =
  { readonly tell: NoticeKind } | { readonly tell: null; readonly lookAt: Date | null };

/** `unverifiedMs`: how long an incident waits for the store's confirmation before it is told as unverified. */
export function decideNotice(facts: NoticeFacts, now: Date, unverifiedMs: number): NoticeDecision {
  const { mutedUntil } = facts;
  const muted = mutedUntil !== null && mutedUntil > now;
  if (facts.healedAt !== null) {
    const owed = facts.step > 0 && !facts.resolvedTold && !muted;
    return owed ? { tell: 'resolved' } : { tell: null, lookAt: null };
  }
  if (facts.severity === 'info') return { tell: null, lookAt: null };
  const due = dueAt(facts, unverifiedMs);
  if (due === null) return { tell: null, lookAt: null };
  if (muted) return { tell: null, lookAt: later(due, mutedUntil) };
  if (due > now) return { tell: null, lookAt: due };
  return { tell: facts.step === 0 ? 'opened' : 'repeated' };
}

function dueAt(facts: NoticeFacts, unverifiedMs: number): Date | null {
  return facts.step === 0 || facts.toldAt === null
    ? firstAt(facts, unverifiedMs)
    : repeatAt(facts, facts.toldAt);
}

function firstAt({ kind, openedAt, verifiedAt }: NoticeFacts, unverifiedMs: number): Date {
  const groupingMs = kindRule(kind).groups === true ? GROUPING_MS : 0;
  const grouped = after(openedAt, groupingMs);
  if (verifiedAt !== null) return later(grouped, verifiedAt);
  return later(grouped, after(openedAt, unverifiedMs));
}

/** Counted from the notice before, so that a late one does not crowd the next, and intervals only grow. */
function repeatAt({ step, newsAt }: NoticeFacts, toldAt: Date): Date | null {
  const planned = REPEATS_MS[step - 1];
  if (planned !== undefined) return after(toldAt, planned);
  return newsAt > toldAt ? after(toldAt, LATER_MS) : null;
}

function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
