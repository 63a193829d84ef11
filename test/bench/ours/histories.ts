import type { Bench } from '../bench.js';
import type { Opened } from '../actors.js';
import { spreadOf } from '../report/statistics.js';

const SAMPLE = 20;

/** What one workflow costs Temporal, by the last of those given that are over. */
export async function medianHistory(
  { parts: { temporal } }: Bench,
  opened: readonly Opened[],
): Promise<{ readonly events: number; readonly tasks: number }> {
  const lengths: number[] = [];
  const tasks: number[] = [];
  for (const { workflowId } of opened.slice(-SAMPLE)) {
    const history = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const events = history.events ?? [];
    if (!isThere(events.at(-1)?.workflowExecutionCompletedEventAttributes)) continue;
    lengths.push(events.length);
    tasks.push(
      events.filter((event) => isThere(event.workflowTaskCompletedEventAttributes)).length,
    );
  }
  return { events: spreadOf(lengths).median, tasks: spreadOf(tasks).median };
}

/** Of an event, all attributes but those of its kind are null or left out. */
function isThere(attributes: object | null | undefined): boolean {
  return attributes !== null && attributes !== undefined;
}
