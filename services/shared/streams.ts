import { setTimeout as pause } from 'node:timers/promises';
import {
  type ConsumerConfig,
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
/** How long JetStream itself recognises a message id; consumers dedupe for as long as messages are kept. */
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;
/** Of one stream; its oldest messages give way. What is not yet applied then is asked for at the node. */
const MAX_BYTES = 512 * 1024 * 1024;
const TRIES = 3;
const RETRY_MS = 200;

const CONSUMER_NOT_FOUND = 10_014;
const STREAM_NOT_FOUND = 10_059;

export type ConsumerSettings = Partial<ConsumerConfig> & { readonly durable_name: string };

/**
 * Creates or updates streams to match domain/names/subjects.ts. May be called repeatedly, by several processes at once. Where only the
 * relay may do so, it fails for others until the relay has. `replicas`: copies of each; undefined leaves
 * existing streams as they are, and makes new ones with one copy.
 */
export async function ensureStreams(
  nc: NatsConnection,
  names: readonly StreamName[] = streamNames(),
  replicas?: number,
): Promise<void> {
  const manager = await nc.jetstreamManager();
  for (const name of names) await ensureStream(manager, name, replicas);
}

export function streamNames(): StreamName[] {
  return Object.keys(STREAMS).filter((name): name is StreamName => name in STREAMS);
}

/** The stream that keeps a subject; undefined when none does, and a publish to it would time out. */
export function streamOfSubject(subject: string): StreamName | undefined {
  return streamNames().find((name) =>
    STREAMS[name].subjects.some((pattern) => subject.startsWith(pattern.slice(0, -1))),
  );
}

/**
 * Creates a durable consumer, or updates an existing one to these settings: an installation outlives the release that created it.
 * Where it began to read (`deliver_policy`) cannot change. May be called by several processes at once.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: StreamName,
  settings: ConsumerSettings,
): Promise<void> {
  const { durable_name: durable } = settings;
  const present = await unlessMissing(manager.consumers.info(stream, durable), CONSUMER_NOT_FOUND);
  if (present === undefined) {
    await manager.consumers.add(stream, settings);
    return;
  }
  const changeable = { ...settings };
  delete changeable.deliver_policy;
  if (differs(present.config, changeable)) {
    await manager.consumers.update(stream, durable, changeable);
  }
}

/** Deletes a durable consumer if it exists. */
export async function deleteConsumer(
  manager: JetStreamManager,
  stream: StreamName,
  durable: string,
): Promise<void> {
  await unlessMissing(manager.consumers.delete(stream, durable), CONSUMER_NOT_FOUND);
}

async function ensureStream(
  manager: JetStreamManager,
  name: StreamName,
  replicas: number | undefined,
): Promise<void> {
  const settings = settingsOf(name, replicas);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const present = await unlessMissing(manager.streams.info(name), STREAM_NOT_FOUND);
      if (present === undefined) {
        await manager.streams.add({
          ...{ name, storage: StorageType.File, max_bytes: MAX_BYTES },
          ...settings,
        });
      } else if (differs(present.config, settings) || present.config.max_bytes < 0) {
        // Anything else (placement, another bound) stays as an operator has set it.
        const { max_bytes: bound } = present.config;
        const max_bytes = bound < 0 ? MAX_BYTES : bound;
        await manager.streams.update(name, { ...present.config, ...settings, max_bytes });
      }
      return;
    } catch (error) {
      // Another process may be creating the same stream.
      if (attempt === TRIES) throw error;
      await pause(RETRY_MS);
    }
  }
}

function settingsOf(name: StreamName, replicas: number | undefined) {
  const { subjects, keepDays } = STREAMS[name];
  return {
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: keepDays === null ? 0 : nanos(keepDays * DAY_MS),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
  } satisfies Partial<StreamConfig>;
}

/** JetStream's answer; undefined when it is an error with the code `notFound`. */
export async function unlessMissing<T>(
  answer: Promise<T>,
  notFound: number,
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === notFound) return undefined;
    throw error;
  }
}

function differs(present: object, settings: object): boolean {
  const found = new Map<string, unknown>(Object.entries(present));
  return Object.entries(settings).some(
    ([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value),
  );
}
