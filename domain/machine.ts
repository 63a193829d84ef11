/** One row of a transition table: `event` takes any of `from` to `to`. An empty `from` opens a new row. */
export interface Transition<S extends string> {
  readonly from: readonly S[];
  readonly to: S;
  /** Why it happens, in a few words: shown in the diagrams. */
  readonly because: string;
  /** Why the row ends so, where it does: a code for its owner. */
  readonly reason?: string;
}

/** What follows in a state from something that is told from outside, in this order and in one transaction. */
export interface Reaction<E extends string> {
  /** Performed first, unless it was before. */
  readonly performs?: true;
  readonly events: readonly E[];
  /** Follows instead where the action is refused, or its type fails. */
  readonly refused?: E;
  /** The row is over: the money is used elsewhere. */
  readonly late?: true;
}

/** All that holds in one state. */
export interface StateRule<E extends string, C extends string, U extends string> {
  /** What it waits for, in a few words: for the reader of the workflow's history. */
  readonly awaits: string;
  /** Nothing leads on from here but what `on` says. */
  readonly terminal?: true;
  /** Published as an event. */
  readonly announced?: true;
  /** The outside call that it needs for as long as it lasts. */
  readonly call?: C;
  /** What happens once its deadline has passed: an event, or an outside call whose answer decides. Without it there is none. */
  readonly atDeadline?: { readonly event: E } | { readonly call: C; readonly awaits: string };
  /** What follows from what is told from outside; nothing where it is missing. */
  readonly on?: Readonly<Partial<Record<U, Reaction<E>>>>;
}

/** A state machine as data: the SQL guard, the workflow's step, the property tests and the diagrams all come from it. */
export interface Machine<
  S extends string,
  E extends string,
  C extends string = string,
  U extends string = string,
> {
  readonly name: string;
  readonly states: Readonly<Record<S, StateRule<E, C, U>>>;
  readonly transitions: Readonly<Record<E, Transition<S>>>;
}

export function defineMachine<
  const S extends string,
  const E extends string,
  const C extends string = never,
  const U extends string = never,
>(machine: {
  readonly name: string;
  // Events are those of the transitions: no state can make one up.
  readonly states: Readonly<Record<S, StateRule<NoInfer<E>, C, U>>>;
  readonly transitions: Readonly<Record<E, Transition<NoInfer<S>>>>;
}): Machine<S, E, C, U> {
  return machine;
}

export function statesOf<S extends string>(machine: Pick<Machine<S, string>, 'states'>): S[] {
  // Object.keys forgets the type of a record's keys.
  return Object.keys(machine.states) as S[];
}

/** The state that `event` leads to from `state` (null: no row yet), or undefined where it is not allowed. */
export function nextState<S extends string, E extends string>(
  machine: Pick<Machine<S, E>, 'transitions'>,
  state: S | null,
  event: E,
): S | undefined {
  const { from, to } = machine.transitions[event];
  const allowed = state === null ? from.length === 0 : from.includes(state);
  return allowed ? to : undefined;
}

export function isTerminal<S extends string>(
  machine: Pick<Machine<S, string>, 'states'>,
  state: S,
): boolean {
  return machine.states[state].terminal === true;
}
