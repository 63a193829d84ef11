import { table } from '../../../services/cli/table.js';
import type { Aim, Figure } from './figure.js';
import type { Spread } from './statistics.js';

/** A table of all figures. */
export function figureTable(figures: readonly Figure[]): string {
  const titles = new Map(figures.map(({ id, title }) => [id, title]));
  const rows = figures.map(({ title, unit, value, floor, ratio, aim, met }) => [
    title,
    unit,
    spread(value),
    ratio === undefined
      ? ''
      : [floor ?? []]
          .flat()
          .map((id) => titles.get(id) ?? id)
          .join(' + '),
    ratio === undefined ? '' : spread(ratio),
    aim === undefined ? '' : aimText(aim),
    met === undefined ? '' : met ? 'met' : 'missed',
  ]);
  return table([
    ['measure', 'unit', 'median (min-max)', 'compared with', 'ratio', 'aim', ''],
    ...rows,
  ]);
}

function spread({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}-${number(max)})`;
}

/** Three significant digits: the spread is never smaller. */
export function number(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

function aimText({ of, is, bound }: Aim): string {
  return `${of === 'ratio' ? 'ratio ' : ''}${is === 'at least' ? '>=' : '<='} ${number(bound)}`;
}
