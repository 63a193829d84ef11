import type { Bench } from '../bench.js';
import type { Opened } from '../actors.js';
import type { FigureSpec } from '../report/figure.js';
import { spreadOf } from '../report/statistics.js';
import { waitForEmptyOutbox, waitForStartedWorkflows } from './idle-wait.js';

const SAMPLE = 20;

/** Median history length and workflow tasks of the last workflows that have completed. */
export async function medianHistory(
  { parts: { temporal } }: Bench,
  opened: readonly Pick<Opened, 'workflowId'>[],
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

/** The performance budget of a flow in which money leaves, when nothing goes wrong. */
export function tasksFigure(name: string): FigureSpec {
  return {
    ...{ id: `${name}.tasks`, title: `${name}: workflow tasks`, unit: 'tasks' },
    aim: { of: 'value', is: 'at most', bound: 2 },
  };
}

/** Of payments that are over, once their workflows know it. */
export async function tasksOf(
  bench: Bench,
  opened: readonly Pick<Opened, 'workflowId'>[],
): Promise<number> {
  await waitForEmptyOutbox(bench);
  await waitForStartedWorkflows(bench);
  return (await medianHistory(bench, opened)).tasks;
}

/** An event has only the attributes of its own kind; the others are null or missing. */
function isPresent(attributes: object | null | undefined): boolean {
  return attributes !== null && attributes !== undefined;
}
