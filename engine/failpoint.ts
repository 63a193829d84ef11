import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Named places between two steps that must survive a crash between them. For tests: never armed in production. */
export const FAILPOINTS = [
  'after-open-commit',
  'after-node-create',
  'after-settle-before-apply',
  'after-cancel-before-apply',
  'after-send-row',
  'after-send-before-answer',
  'in-start-transaction',
  'in-effect-transaction',
  'in-message-transaction',
  'before-message-ack',
  'after-publish-before-mark',
  'after-publish-before-cursor',
  'after-webhook-before-record',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** What happens at every n-th pass. */
export interface ArmedFailpoint {
  readonly name: Failpoint;
  readonly every: number;
  /** Waits and goes on; without it, the process dies as by kill -9. */
  readonly pauseMs?: number;
}

const FORM = /^([a-z-]+)(?:@([1-9]\d{0,5}))?(?:~(\d{1,6}))?$/;

/** From `name`, `name@times` or `name@times~milliseconds`; undefined when it is none of these. */
export function readFailpoint(text: string): ArmedFailpoint | undefined {
  const [, given, every = '1', pauseMs] = FORM.exec(text) ?? [];
  const name = FAILPOINTS.find((known) => known === given);
  if (name === undefined) return undefined;
  return {
    name,
    every: Number(every),
    ...(pauseMs === undefined ? {} : { pauseMs: Number(pauseMs) }),
  };
}

let passed: ((name: Failpoint) => Promise<void> | undefined) | undefined;

/** Nothing at all, unless tests have armed it. */
export function failpoint(name: Failpoint): Promise<void> | undefined {
  return passed?.(name);
}

/** Replaces all that were armed. */
export function armFailpoints(texts: readonly string[], die = dieHere): void {
  const armed = texts.flatMap((text) => readFailpoint(text) ?? []);
  const times = new Map<Failpoint, number>();
  passed =
    armed.length === 0
      ? undefined
      : (name) => {
          const count = (times.get(name) ?? 0) + 1;
          times.set(name, count);
          const hit = armed.find((one) => one.name === name && count % one.every === 0);
          if (hit === undefined) return undefined;
          return hit.pauseMs === undefined ? die(name) : waitHere(name, hit.pauseMs);
        };
}

/** For a deadline that passes in the middle of a transaction. */
function waitHere(name: Failpoint, pauseMs: number): Promise<void> {
  writeSync(process.stderr.fd, `failpoint ${name} waits ${pauseMs} ms\n`);
  return pause(pauseMs);
}

/** Written synchronously: nothing is flushed after it. */
function dieHere(name: Failpoint): Promise<void> {
  writeSync(process.stderr.fd, `failpoint ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
