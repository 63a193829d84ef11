import { setTimeout as pause } from 'node:timers/promises';
import {
  DiscardPolicy,
  nanos,
  NatsError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type NatsConnection,
  type StreamConfig,
} from 'nats';
import { STREAMS, type StreamName } from '../../domain/names/subjects.js';

const DAY_MS = 24 * 3600 * 1000;
/** How long JetStream itself recognises a message id; consumers do so for as long as messages are kept. */
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;
const TRIES = 3;
const TRY_AGAIN_MS = 200;

const STREAM_NOT_FOUND = 10_059;

/** Makes every stream what domain/names/subjects.ts says. May be called again and again, by several processes at once. */
export async function ensureStreams(nc: NatsConnection): Promise<void> {
  const manager = await nc.jetstreamManager();
  for (const name of streamNames()) await ensureStream(manager, name);
}

export function streamNames(): StreamName[] {
  return Object.keys(STREAMS).filter((name): name is StreamName => name in STREAMS);
}

/** The stream that keeps a subject, or undefined: then publishing there would never be answered. */
export function streamOfSubject(subject: string): StreamName | undefined {
  return streamNames().find((name) =>
    STREAMS[name].subjects.some((pattern) => subject.startsWith(pattern.slice(0, -1))),
  );
}

function configOf(name: StreamName) {
  const { subjects, keepDays } = STREAMS[name];
  return {
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: keepDays === null ? 0 : nanos(keepDays * DAY_MS),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  } satisfies Partial<StreamConfig>;
}

async function ensureStream(manager: JetStreamManager, name: StreamName): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const present = await configPresent(manager, name);
      if (present === undefined) {
        await manager.streams.add({ name, storage: StorageType.File, ...configOf(name) });
      } else if (differs(present, configOf(name))) {
        // What we have no opinion about (replicas, placement) stays as an operator set it.
        await manager.streams.update(name, { ...present, ...configOf(name) });
      }
      return;
    } catch (error) {
      // Somebody else may be making the same stream at this moment.
      if (attempt === TRIES) throw error;
      await pause(TRY_AGAIN_MS);
    }
  }
}

async function configPresent(
  manager: JetStreamManager,
  name: StreamName,
): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === STREAM_NOT_FOUND) {
      return undefined;
    }
    throw error;
  }
}

function differs(present: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  const found = new Map<string, unknown>(Object.entries(present));
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value),
  );
}
