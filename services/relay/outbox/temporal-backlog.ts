import type { TaskQueue } from '../../../domain/names/workflows.js';
import type { Logger } from '../../shared/logger.js';
import type { TemporalClient } from '../../shared/temporal.js';
import type { RelayMetrics } from '../metrics.js';
import { describeTemporalError } from './temporal-errors.js';

/** Beyond this Temporal is behind: what can wait waits in PostgreSQL. */
const BEHIND_SECONDS = 2;
const READ_EVERY_MS = 500;
const CALL_TIMEOUT_MS = 2_000;
interface Reading {
  /** Undefined when the server could not tell. */
  readonly seconds: number | undefined;
  readonly at: number;
}

/** How long the oldest workflow task of a queue has been waiting for a worker. */
export class TemporalBacklog {
  readonly #readings = new Map<TaskQueue, Reading>();
  readonly #underway = new Map<TaskQueue, Promise<number | undefined>>();
  #warned = false;

  constructor(
    private readonly client: TemporalClient,
    private readonly namespace: string,
    private readonly parts: { logger: Logger; metrics: Pick<RelayMetrics, 'temporalBacklog'> },
  ) {}

  /** By the last reading, which is repeated in the background twice a second while somebody asks. Unknown is not behind. */
  isBehind(queue: TaskQueue): boolean {
    const last = this.#readings.get(queue);
    if (last === undefined || performance.now() - last.at > READ_EVERY_MS) void this.read(queue);
    return isBehind(last?.seconds);
  }

  /** By a reading of now. */
  async isBehindNow(queue: TaskQueue): Promise<boolean> {
    return isBehind(await this.read(queue));
  }

  /** Seconds; undefined when the server cannot tell. Never rejects. */
  read(queue: TaskQueue): Promise<number | undefined> {
    const underway = this.#underway.get(queue) ?? this.#readNow(queue);
    this.#underway.set(queue, underway);
    return underway;
  }

  async #readNow(queue: TaskQueue): Promise<number | undefined> {
    const seconds = await this.#ask(queue).catch((error: unknown) => {
      if (!this.#warned) {
        const reason = describeTemporalError(error);
        this.parts.logger.warn({ queue, reason }, 'Temporal does not tell how far behind it is');
      }
      this.#warned = true;
      return undefined;
    });
    this.#underway.delete(queue);
    this.#readings.set(queue, { seconds, at: performance.now() });
    this.parts.metrics.temporalBacklog(queue, seconds);
    return seconds;
  }

  async #ask(queue: TaskQueue): Promise<number | undefined> {
    const { client, namespace } = this;
    // Without a type of tasks it tells about workflow tasks, over all partitions of the queue.
    const request = { namespace, taskQueue: { name: queue }, reportStats: true };
    const { stats } = await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      client.workflowService.describeTaskQueue(request),
    );
    const age = stats?.approximateBacklogAge;
    if (!age) throw new Error('its answer has no age of the backlog');
    return Number(age.seconds ?? 0) + (age.nanos ?? 0) / 1e9;
  }
}

function isBehind(seconds: number | undefined): boolean {
  return seconds !== undefined && seconds > BEHIND_SECONDS;
}
