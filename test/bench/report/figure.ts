import { ratios, spreadOf, type Spread } from './statistics.js';

export type Unit = 'ms' | 's' | 'per second' | 'events' | 'tasks' | 'MB';

/** What the issue of speed is decided by: a bound of the value, or of its ratio to the floor. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly is: 'at least' | 'at most';
  readonly bound: number;
}

/** Something that is measured, once per round. */
export interface FigureSpec {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** The id of the figure that it is compared with. */
  readonly floor?: string;
  readonly aim?: Aim;
}

/** A value per round; a round in which it was not measured has a hole. */
export type Samples = ReadonlyMap<string, readonly (number | undefined)[]>;

export interface Figure extends FigureSpec {
  readonly value: Spread;
  readonly ratio?: Spread;
  readonly met?: boolean;
}

/** Those that were measured, in the order of the specs. */
export function figuresOf(specs: readonly FigureSpec[], samples: Samples): Figure[] {
  return specs.flatMap((spec) => {
    const values = samples.get(spec.id) ?? [];
    const measured = values.filter((value) => value !== undefined);
    if (measured.length === 0) return [];
    const against = spec.floor === undefined ? [] : ratios(values, samples.get(spec.floor) ?? []);
    const figure = {
      ...spec,
      value: spreadOf(measured),
      ...(against.length === 0 ? {} : { ratio: spreadOf(against) }),
    };
    const met = isMet(figure);
    return [met === undefined ? figure : { ...figure, met }];
  });
}

/** By the median; undefined when there is no aim, or nothing to tell it by. */
function isMet({ aim, value, ratio }: Figure): boolean | undefined {
  const told = aim?.of === 'ratio' ? ratio?.median : value.median;
  if (aim === undefined || told === undefined) return undefined;
  return aim.is === 'at least' ? told >= aim.bound : told <= aim.bound;
}
