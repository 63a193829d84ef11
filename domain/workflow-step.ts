import type { SearchAttribute } from './names/search-attributes.js';

/**
 * What a workflow does next, as its row says: the result of its `advance` activity, kept in Temporal's history. `Call` is the union
 * of the calls that the workflow can make.
 */
export interface Step<Call extends string = string> {
  readonly state: string;
  /** Why the row is in this state, where its table says so. */
  readonly reason: string | null;
  /** Nothing more will happen that needs the workflow. */
  readonly finished: boolean;
  /** The call to the outside that is needed now: the name of its activity. */
  readonly call: Call | null;
  /** How long to wait for a wake before looking again, in milliseconds: the clocks of a worker and of the database may differ. */
  readonly waitMs: number | null;
  /** What the reader of the history is told about it. Nothing is decided by this. */
  readonly story: Story;
}

export interface Story {
  /** What is waited for, in a few words: the summary of a timer or a call, at most 200 bytes. */
  readonly awaits: string;
  /** What it costs, decimal; null where nothing is paid. */
  readonly amountMsat: string | null;
  /** When the state must be left, RFC 3339 by the database's clock; null where nothing limits it. */
  readonly deadline: string | null;
}

export type LinkedStep<Call extends string = string> = Step<Call> & {
  /** The address at which the row's transitions can be read. */
  readonly link: string;
  /** Search attributes that whoever started the workflow could not know. */
  readonly attributes?: Readonly<Partial<Record<SearchAttribute, string>>>;
};

/** What a workflow returns. */
export interface WorkflowResult {
  readonly state: string;
  readonly reason: string | null;
}
