/** One row of a transition table: `event` takes any of `from` to `to`. An empty `from` opens a new row. */
export interface Transition<S extends string> {
  readonly from: readonly S[];
  readonly to: S;
  /** Why it happens, in a few words: shown in the diagrams. */
  readonly because: string;
}

/** A state machine as data: the SQL guard, the property tests and the diagrams all come from it. */
export interface Machine<S extends string, E extends string> {
  readonly name: string;
  readonly states: readonly S[];
  readonly terminal: readonly S[];
  readonly transitions: Readonly<Record<E, Transition<S>>>;
}

export function defineMachine<const S extends string, const E extends string>(
  machine: Machine<S, E>,
): Machine<S, E> {
  return machine;
}

/** The state that `event` leads to from `state` (null: no row yet), or undefined where it is not allowed. */
export function nextState<S extends string, E extends string>(
  machine: Machine<S, E>,
  state: S | null,
  event: E,
): S | undefined {
  const { from, to } = machine.transitions[event];
  const allowed = state === null ? from.length === 0 : from.includes(state);
  return allowed ? to : undefined;
}

export function isTerminal<S extends string, E extends string>(
  machine: Machine<S, E>,
  state: S,
): boolean {
  return machine.terminal.includes(state);
}
