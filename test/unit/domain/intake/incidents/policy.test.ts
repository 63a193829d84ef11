import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incidentKinds, kindRule } from '../../../../../domain/intake/incidents/kinds.js';
import {
  decideNotice,
  GROUPING_MS,
  type NoticeFacts,
  type NoticeKind,
} from '../../../../../domain/intake/incidents/policy.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UNVERIFIED_MS = 4 * HOUR;

/** What happens to an incident, and how long it is looked at late. */
type Event =
  | { readonly what: 'news' | 'verify' | 'heal' | 'unmute' }
  | { readonly what: 'mute'; readonly ms: number }
  | { readonly what: 'wait'; readonly ms: number; readonly lateMs: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('news', 'verify', 'unmute') }) },
  { weight: 1, arbitrary: fc.constant({ what: 'heal' } as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('mute' as const),
      ms: fc.integer({ min: 1, max: 9 * HOUR }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 30 * HOUR }),
      lateMs: fc.constantFrom(0, 0, 1, 40 * MINUTE, 50 * HOUR),
    }),
  },
);

interface Notice {
  readonly what: NoticeKind;
  readonly at: number;
  readonly facts: NoticeFacts;
}

type Mutable = { -readonly [K in keyof NoticeFacts]: NoticeFacts[K] };

/** An incident in time, looked at when its last decision says, or later. */
class Run {
  now = 1_800_000_000_000;
  readonly notices: Notice[] = [];
  readonly facts: Mutable;
  #lookAt: number | null;

  constructor(kind: NoticeFacts['kind'], severity: NoticeFacts['severity'], verified: boolean) {
    const at = new Date(this.now);
    this.facts = {
      ...{ kind, severity, openedAt: at, newsAt: at, verifiedAt: verified ? at : null },
      ...{ healedAt: null, mutedUntil: null, step: 0, toldAt: null, resolvedTold: false },
    };
    this.#lookAt = this.now;
    this.look();
  }

  apply(happened: Event): void {
    const at = new Date(this.now);
    const { facts } = this;
    switch (happened.what) {
      case 'wait': {
        this.wait(happened.ms, happened.lateMs);
        return;
      }
      case 'heal':
        facts.healedAt ??= at;
        break;
      case 'verify':
        facts.verifiedAt ??= at;
        facts.newsAt = at;
        break;
      case 'news':
        facts.newsAt = at;
        break;
      case 'mute':
        facts.mutedUntil = new Date(this.now + happened.ms);
        break;
      case 'unmute':
        facts.mutedUntil = null;
    }
    this.look();
  }

  wait(ms: number, lateMs: number): void {
    const until = this.now + ms;
    while (this.#lookAt !== null && this.#lookAt <= until) {
      this.now = Math.max(this.now, this.#lookAt + lateMs);
      this.look();
    }
    this.now = Math.max(this.now, until);
  }

  look(): void {
    const decision = decideNotice(this.facts, new Date(this.now), UNVERIFIED_MS);
    if (decision.tell === null) {
      this.#lookAt = decision.lookAt?.getTime() ?? null;
      if (this.#lookAt !== null) expect(this.#lookAt).toBeGreaterThan(this.now);
      return;
    }
    this.notices.push({ what: decision.tell, at: this.now, facts: { ...this.facts } });
    this.facts.step += 1;
    this.facts.toldAt = new Date(this.now);
    this.facts.resolvedTold = decision.tell === 'resolved';
    this.look();
  }
}

function check(property: (run: Run) => void): void {
  fc.assert(
    fc.property(
      fc.constantFrom(...incidentKinds()),
      fc.constantFrom('alert', 'alert', 'info'),
      fc.boolean(),
      fc.array(event, { maxLength: 25 }),
      (kind, severity, verified, events) => {
        const run = new Run(kind, severity, verified);
        for (const happened of events) run.apply(happened);
        property(run);
      },
    ),
    { numRuns: 1000 },
  );
}

describe('notices of one incident', () => {
  test('begin with the first, end with that it is over, and that only once', () => {
    check(({ notices }) => {
      const kinds = notices.map(({ what }) => what).join(' ');
      expect(kinds).toMatch(/^(opened( repeated)*( resolved)?)?$/);
    });
  });

  test('come at growing intervals while it is open', () => {
    check(({ notices }) => {
      const due = notices.filter(({ what }) => what === 'repeated');
      for (const { at, facts } of due) {
        const sinceMs = at - (facts.toldAt?.getTime() ?? NaN);
        const least = [HOUR, 5 * HOUR, 18 * HOUR][facts.step - 1] ?? 24 * HOUR;
        expect(sinceMs).toBeGreaterThanOrEqual(least);
      }
    });
  });

  test('wait for the confirmation of the store, or until it has been unknown for long', () => {
    check(({ notices: [first] }) => {
      if (first === undefined) return;
      const openMs = first.at - first.facts.openedAt.getTime();
      if (first.facts.verifiedAt === null) expect(openMs).toBeGreaterThanOrEqual(UNVERIFIED_MS);
      if (kindRule(first.facts.kind).groups) expect(openMs).toBeGreaterThanOrEqual(GROUPING_MS);
    });
  });

  test('are not given while it is muted, nor of what the digest tells', () => {
    check(({ notices, facts: { severity } }) => {
      for (const { at, facts } of notices) {
        expect(facts.mutedUntil === null || facts.mutedUntil.getTime() <= at).toBe(true);
      }
      if (severity === 'info') expect(notices).toEqual([]);
    });
  });

  test('are owed until they are given: nobody has to look before', () => {
    check((run) => {
      const { facts, notices } = run;
      const owed = facts.healedAt === null && facts.severity === 'alert' && facts.step === 0;
      run.wait(1000 * HOUR, 0);
      if (owed) expect(notices.length).toBeGreaterThanOrEqual(4);
    });
  });
});

test('an incident that lasts is told at once, after 1 h, 6 h and 24 h, and then no more without news', () => {
  const run = new Run('webhook_off', 'alert', true);
  const opened = run.now;
  run.wait(500 * HOUR, 0);
  expect(run.notices.map(({ at }) => (at - opened) / HOUR)).toEqual([0, 1, 6, 24]);
  run.apply({ what: 'news' });
  expect(run.notices).toHaveLength(5);
});
