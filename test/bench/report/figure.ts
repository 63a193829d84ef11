import { ratios, spreadOf, type Spread } from './statistics.js';

export type Unit = 'ms' | 's' | 'per second' | 'events' | 'tasks' | 'MB';

/** A bound for the value, or for its ratio to the floor. */
export interface Aim {
  readonly of: 'value' | 'ratio';
  readonly is: 'at least' | 'at most';
  readonly bound: number;
}

/** A figure that is measured once per round. */
export interface FigureSpec {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Id of the figure that it is compared with; of several, with their sum. */
  readonly floor?: string | readonly string[];
  readonly aim?: Aim;
}

/** By id of figure, a value per round. Undefined in a round in which it was not measured. */
export type Samples = ReadonlyMap<string, readonly (number | undefined)[]>;

export interface Figure extends FigureSpec {
  readonly value: Spread;
  readonly ratio?: Spread;
  readonly met?: boolean;
}

/** The figures that were measured, in the order of the specs. */
export function figuresOf(specs: readonly FigureSpec[], samples: Samples): Figure[] {
  return specs.flatMap((spec) => {
    const values = samples.get(spec.id) ?? [];
    const measured = values.filter((value) => value !== undefined);
    if (measured.length === 0) return [];
    const against = ratios(values, floorOf(spec, samples));
    const figure = {
      ...spec,
      value: spreadOf(measured),
      ...(against.length === 0 ? {} : { ratio: spreadOf(against) }),
    };
    const met = isMet(figure);
    return [met === undefined ? figure : { ...figure, met }];
  });
}

/** The floor's value per round; undefined in rounds in which a part of it was not measured. */
function floorOf({ floor = [] }: FigureSpec, samples: Samples): (number | undefined)[] {
  const [first = [], ...others] = [floor].flat().map((id) => samples.get(id) ?? []);
  return first.map((value, round) =>
    others.reduce<number | undefined>((sum, part) => {
      const next = part[round];
      return sum === undefined || next === undefined ? undefined : sum + next;
    }, value),
  );
}

/** Decided by the median. Undefined if there is no aim or nothing to compare. */
function isMet({ aim, value, ratio }: Figure): boolean | undefined {
  const median = aim?.of === 'ratio' ? ratio?.median : value.median;
  if (aim === undefined || median === undefined) return undefined;
  return aim.is === 'at least' ? median >= aim.bound : median <= aim.bound;
}
