import type { JSX } from 'preact';
import { sats } from '../parts/money.js';

/** Credits that expire at one time; `at` null: never. */
export interface Expiring {
  readonly at: Date | null;
  readonly msat: bigint;
}

const WIDTH = 640;
const ROW = 26;
const LEFT = 120;
const RIGHT = 160;
const MOST = 12;

/** Those that expire first, each by day; what does not fit is summed up as later. */
export function byDay(
  lots: readonly Expiring[],
): { readonly label: string; readonly msat: bigint }[] {
  const days = new Map<string, bigint>();
  const sorted = [...lots].sort(
    (a, b) => (a.at?.getTime() ?? Infinity) - (b.at?.getTime() ?? Infinity),
  );
  for (const { at, msat } of sorted) {
    const day = at === null ? 'never' : at.toISOString().slice(0, 10);
    const label = days.has(day) || day === 'never' || days.size < MOST ? day : 'later';
    days.set(label, (days.get(label) ?? 0n) + msat);
  }
  return [...days].map(([label, msat]) => ({ label, msat }));
}

/** A bar for each day on which credits expire. */
export function ExpiryChart({ lots }: { readonly lots: readonly Expiring[] }): JSX.Element {
  const bars = byDay(lots);
  const most = bars.reduce((max, { msat }) => (msat > max ? msat : max), 1n);
  const space = WIDTH - LEFT - RIGHT;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`}
      role="img"
      aria-label={`Credits by expiry: ${bars.map(({ label, msat }) => `${label} ${sats(msat)}`).join(', ')}`}
    >
      {bars.map(({ label, msat }, n) => {
        const width = Math.max(2, (Number((msat * 10_000n) / most) / 10_000) * space);
        const middle = n * ROW + ROW / 2 + 4;
        return (
          <g key={label}>
            <text x={LEFT - 8} y={middle} text-anchor="end">
              {label}
            </text>
            <rect class="bar" x={LEFT} y={n * ROW + 4} width={width} height={ROW - 8} rx="3" />
            <text x={LEFT + width + 6} y={middle}>
              {sats(msat)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
