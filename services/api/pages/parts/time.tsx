import type { JSX } from 'preact';

const STEPS: readonly (readonly [seconds: number, unit: string])[] = [
  [365 * 86_400, 'y'],
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `3 min`, `2 d`: the largest unit that fits. */
export function spanOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const step = STEPS.find(([length]) => whole >= length);
  return step === undefined ? `${whole} s` : `${Math.floor(whole / step[0])} ${step[1]}`;
}

/** How long ago by the server's clock, with the instant for whoever points at it. */
export function Ago({ at }: { readonly at: Date }): JSX.Element {
  const seconds = (Date.now() - at.getTime()) / 1000;
  return (
    <time dateTime={at.toISOString()} title={utc(at)}>
      {seconds < 0 ? `in ${spanOf(-seconds)}` : `${spanOf(seconds)} ago`}
    </time>
  );
}

/** The instant itself, in UTC. */
export function Instant({ at }: { readonly at: Date }): JSX.Element {
  return <time dateTime={at.toISOString()}>{utc(at)}</time>;
}

/** An instant as ISO 8601 writes it, to the minute. */
export function utcMinute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
