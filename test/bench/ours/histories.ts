import type { Bench } from '../bench.js';
import type { Opened } from '../actors.js';
import { spreadOf } from '../report/statistics.js';

const SAMPLE = 20;

/** Median history length and workflow tasks of the last workflows that have completed. */
export async function medianHistory(
  { parts: { temporal } }: Bench,
  opened: readonly Opened[],
): Promise<{ readonly events: number; readonly tasks: number }> {
  const lengths: number[] = [];
  const tasks: number[] = [];
  for (const { workflowId } of opened.slice(-SAMPLE)) {
    const history = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const events = history.events ?? [];
    if (!isPresent(events.at(-1)?.workflowExecutionCompletedEventAttributes)) continue;
    lengths.push(events.length);
    tasks.push(
      events.filter((event) => isPresent(event.workflowTaskCompletedEventAttributes)).length,
    );
  }
  return { events: spreadOf(lengths).median, tasks: spreadOf(tasks).median };
}

/** An event has only the attributes of its own kind; the others are null or missing. */
function isPresent(attributes: object | null | undefined): boolean {
  return attributes !== null && attributes !== undefined;
}
