import { setTimeout as pause } from 'node:timers/promises';
import {
  type ConsumerConfig,
  type ConsumerMessages,
  DiscardPolicy,
  ErrorCode,
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
/** A stream's leader answers at once; nobody does while one is elected, which takes NATS 4 to 9 s. */
const INFO_TIMEOUT_MS = 1_000;
const CHANGE_TIMEOUT_MS = 5_000;
/** A pull request ends after this and is sent again. */
const PULL_MS = 10_000;
/** A consumer whose leader is gone sends none: after two that are missing, the request is sent again. */
export const HEARTBEAT_MS = 1_000;

const UNANSWERED: ReadonlySet<string> = new Set([ErrorCode.Timeout, ErrorCode.NoResponders]);
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
  const managers = await managersOf(nc);
  const found = await Promise.allSettled(names.map((name) => readStream(managers, name)));
  // One after the other, so that a cluster spreads new ones. One that elects its leader does not hold back the others.
  for (const [index, name] of names.entries()) {
    const present = found[index];
    if (present?.status === 'fulfilled') {
      await ensureStream(managers, { name, present: present.value }, replicas);
    }
  }
  for (const one of found) if (one.status === 'rejected') throw one.reason;
}

/** Whether nobody answered: no leader is elected, a server is away, or JetStream is disabled. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  return UNANSWERED.has(error.code);
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
  nc: NatsConnection,
  stream: StreamName,
  settings: ConsumerSettings,
): Promise<void> {
  const { reading, changing } = await managersOf(nc);
  const { durable_name: durable } = settings;
  const present = await unlessMissing(reading.consumers.info(stream, durable), CONSUMER_NOT_FOUND);
  if (present === undefined) {
    await changing.consumers.add(stream, settings);
    return;
  }
  const changeable = { ...settings };
  delete changeable.deliver_policy;
  if (differs(present.config, changeable)) {
    await changing.consumers.update(stream, durable, changeable);
  }
}

/** Deletes a durable consumer if it exists. */
export async function deleteConsumer(
  nc: NatsConnection,
  stream: StreamName,
  durable: string,
): Promise<void> {
  const { changing } = await managersOf(nc);
  await unlessMissing(changing.consumers.delete(stream, durable), CONSUMER_NOT_FOUND);
}

/**
 * Pulls the messages of a durable consumer, at most so many ahead. Rejects soon while it elects its leader; ends when it or its stream is
 * missing, so that its caller creates both again.
 */
export async function pullMessages(
  nc: NatsConnection,
  stream: StreamName,
  { durable, ahead }: { readonly durable: string; readonly ahead: number },
): Promise<ConsumerMessages> {
  const { consumers } = nc.jetstream({ timeout: INFO_TIMEOUT_MS });
  const consumer = await consumers.get(stream, durable);
  return consumer.consume({
    max_messages: ahead,
    expires: PULL_MS,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
    // The consumer is not looked at first: where nobody answers that, the client waits for `expires` before it pulls again.
    bind: true,
  });
}

interface Managers {
  /** Gives up soon, so that its caller tries again soon after a leader was elected. */
  readonly reading: JetStreamManager;
  readonly changing: JetStreamManager;
}

/** Neither asks the leader of the whole cluster first, who may be away while everything else works. */
async function managersOf(nc: NatsConnection): Promise<Managers> {
  return {
    reading: await nc.jetstreamManager({ checkAPI: false, timeout: INFO_TIMEOUT_MS }),
    changing: await nc.jetstreamManager({ checkAPI: false, timeout: CHANGE_TIMEOUT_MS }),
  };
}

/** Undefined: it does not exist. */
async function readStream(
  { reading }: Managers,
  name: StreamName,
): Promise<StreamConfig | undefined> {
  const info = await unlessMissing(reading.streams.info(name), STREAM_NOT_FOUND);
  return info?.config;
}

interface Stream {
  readonly name: StreamName;
  readonly present: StreamConfig | undefined;
}

async function ensureStream(
  managers: Managers,
  stream: Stream,
  replicas: number | undefined,
): Promise<void> {
  const { name } = stream;
  for (let { present } = stream, attempt = 1; ; attempt += 1) {
    try {
      await changeStream(managers, { name, present }, settingsOf(name, replicas));
      return;
    } catch (error) {
      // Another process may be creating the same stream.
      if (attempt === TRIES || isUnanswered(error)) throw error;
      await pause(RETRY_MS);
      present = await readStream(managers, name);
    }
  }
}

async function changeStream(
  { changing }: Managers,
  { name, present }: Stream,
  settings: ReturnType<typeof settingsOf>,
): Promise<void> {
  if (present === undefined) {
    const storage = StorageType.File;
    await changing.streams.add({ name, storage, max_bytes: MAX_BYTES, ...settings });
  } else if (differs(present, settings) || present.max_bytes < 0) {
    // Anything else (placement, another bound) stays as an operator has set it.
    const max_bytes = present.max_bytes < 0 ? MAX_BYTES : present.max_bytes;
    await changing.streams.update(name, { ...present, ...settings, max_bytes });
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
