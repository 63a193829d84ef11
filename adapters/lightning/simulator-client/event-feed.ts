import { setTimeout as pause } from 'node:timers/promises';
import { LightningError, type NodeEvent } from '../port.js';
import { EVENTS_PATH, HEARTBEAT_MS, nodeEventSchema } from './protocol.js';

export interface EventFeed {
  readonly url: string;
  /** Called for each connection that failed or was lost; the feed reconnects by itself. */
  readonly onTrouble: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** After this time without data, heartbeats included, the connection is dead. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

/** Events after the cursor until aborted; reconnects as needed. */
export async function* followEvents(
  feed: EventFeed,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<NodeEvent, void, undefined> {
  let cursor = after;
  const isOver = (): boolean => signal.aborted;
  for (let failures = 0; !isOver(); failures += 1) {
    try {
      for await (const event of oneConnection(feed.url, cursor, signal)) {
        failures = 0;
        yield event;
        if (event.cursor > cursor) cursor = event.cursor;
      }
    } catch (error) {
      if (isOver()) return;
      feed.onTrouble(error);
    }
    await backOff(failures, signal);
  }
}

async function* oneConnection(
  url: string,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<NodeEvent, void, undefined> {
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new Error(`no data for ${SILENCE_MS} ms`)),
    SILENCE_MS,
  );
  try {
    const response = await fetch(new URL(`${EVENTS_PATH}?after=${after.toString()}`, url), {
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || response.body === null) {
      throw LightningError.unavailable(`no events: status ${response.status}`);
    }
    for await (const line of linesOf(response.body, () => timer.refresh())) {
      if (line !== '') yield nodeEventSchema.parse(JSON.parse(line));
    }
  } finally {
    clearTimeout(timer);
    // Closes the connection when the reader stops early.
    silence.abort();
  }
}

async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  onData: () => unknown,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    onData();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  try {
    await pause(longest * (0.5 + Math.random() / 2), undefined, { signal });
  } catch {
    // Aborted; the loop checks that.
  }
}
