import type { JSX } from 'preact';
import type { Duration } from '../../../../domain/intake/thresholds/stay.js';

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 30;
const TOP = 12;

export interface CurveProps {
  readonly durations: readonly Duration[];
  /** The threshold in force, in hours of its clock. */
  readonly alertHours: number;
  readonly verifyHours: number;
  readonly label: string;
}

/** The share of stays that ended within so many hours, of those that have ended: a step at each. */
export function stepsOf(
  durations: readonly Duration[],
): { readonly hours: number; readonly share: number }[] {
  const ended = durations.filter((one) => one.ended).map(({ hours }) => hours);
  ended.sort((a, b) => a - b);
  return ended.map((hours, n) => ({ hours, share: (n + 1) / ended.length }));
}

/** How long orders stayed in a status, and from when on that is too long. */
export function CurveChart({ durations, alertHours, verifyHours, label }: CurveProps): JSX.Element {
  const steps = stepsOf(durations);
  const most = Math.max(alertHours, verifyHours, steps.at(-1)?.hours ?? 0) * 1.05 || 1;
  // Stays are minutes or days: by a logarithm, both can be seen.
  const least = Math.min(0.1, ...steps.map(({ hours }) => hours));
  const x = (hours: number): number =>
    LEFT +
    (Math.log(Math.max(hours, least) / least) / Math.log(most / least)) * (WIDTH - LEFT - 10);
  const y = (share: number): number => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const path = steps.map(({ hours, share }) => `H${x(hours).toFixed(1)}V${y(share).toFixed(1)}`);
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="axis" x1={LEFT} x2={WIDTH - 10} y1={y(share)} y2={y(share)} />
          <text x={LEFT - 6} y={y(share) + 4} text-anchor="end">
            {share * 100} %
          </text>
        </g>
      ))}
      {ticksOf(least, most).map((hours) => (
        <text key={hours} x={x(hours)} y={HEIGHT - 8} text-anchor="middle">
          {hoursText(hours)}
        </text>
      ))}
      <path class="line" d={`M${x(least)} ${y(0)}${path.join('')}`} />
      <Mark x={x(verifyHours)} text="looked up" />
      <Mark x={x(alertHours)} text="told" />
    </svg>
  );
}

function Mark({ x, text }: { readonly x: number; readonly text: string }): JSX.Element {
  return (
    <>
      <line class="mark" x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} />
      <text
        x={x - 4}
        y={text === 'looked up' ? HEIGHT - BOTTOM - 20 : HEIGHT - BOTTOM - 6}
        text-anchor="end"
      >
        {text}
      </text>
    </>
  );
}

function ticksOf(least: number, most: number): number[] {
  return [1 / 60, 1 / 6, 1, 6, 24, 72, 168, 720].filter((hours) => hours >= least && hours <= most);
}

export function hoursText(hours: number): string {
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  if (hours < 48) return `${Math.round(hours * 10) / 10} h`;
  return `${Math.round((hours / 24) * 10) / 10} d`;
}
