import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** What the reader of a history sees, in its order. */
export interface Story {
  /** Summaries of timers. */
  readonly timers: readonly string[];
  /** Ordinary activities, as `name: summary`. */
  readonly calls: readonly string[];
  /** Arguments of wakes. */
  readonly wakes: readonly unknown[];
  /** Values of QState after the start. */
  readonly states: readonly unknown[];
  readonly failedTasks: number;
}

export async function storyOf(handle: WorkflowHandle): Promise<Story> {
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  return {
    timers: all.filter((e) => e.timerStartedEventAttributes).map(summaryOf),
    calls: all.flatMap((event) => {
      const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
      return typeof name === 'string' ? [`${name}: ${summaryOf(event)}`] : [];
    }),
    wakes: all.flatMap((e) => {
      const signal = e.workflowExecutionSignaledEventAttributes;
      return signal ? [valueOf(signal.input?.payloads?.[0])] : [];
    }),
    states: all.flatMap((e) => {
      const fields = e.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes;
      const state = fields?.indexedFields?.['QState'];
      return state === undefined ? [] : [valueOf(state)];
    }),
    failedTasks: all.filter((e) => e.workflowTaskFailedEventAttributes).length,
  };
}

/** What Temporal's UI shows as current details. */
export async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

function summaryOf({ userMetadata }: HistoryEvent): string {
  return String(valueOf(userMetadata?.summary));
}

function valueOf(
  payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | null | undefined,
): unknown {
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
