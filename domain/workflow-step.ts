/** What an owner has to do next, as its row tells: data of the workflow loop, kept in Temporal's history. */
export interface Step {
  readonly state: string;
  /** Nothing more will happen that needs an owner. */
  readonly finished: boolean;
  /** A call to the outside that is needed now; named for the activity that makes it. */
  readonly call: string | null;
  /** When to look again without being woken, epoch milliseconds. */
  readonly waitUntilMs: number | null;
}
