import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery } from '../../domain/intake/incidents/delivery.js';
import type { ChatPort } from './port.js';

/** A hook takes one message per second; from then on it answers 429. */
const SPACING_MS = 1000;
const TIMEOUT_MS = 10_000;
const LONGEST_REASON = 200;

/** Incoming webhooks in Slack's format: a POST of JSON, answered 200 `ok`. */
export function createChat({ spacingMs = SPACING_MS, timeoutMs = TIMEOUT_MS } = {}): ChatPort {
  const turns = new Map<string, Promise<void>>();
  /** Resolves when it is this caller's turn; the next one's is a second later. */
  const turn = async (hook: string): Promise<void> => {
    const mine = turns.get(hook) ?? Promise.resolve();
    const next = mine.then(() => pause(spacingMs, undefined, { ref: false }));
    turns.set(hook, next);
    void next.then(() => turns.get(hook) === next && turns.delete(hook));
    await mine;
  };
  return {
    post: async (hook, text) => {
      await turn(hook);
      return post(hook, text, timeoutMs);
    },
  };
}

async function post(hook: string, text: string, timeoutMs: number): Promise<Delivery> {
  try {
    const answer = await fetch(hook, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ text, unfurl_links: false, unfurl_media: false }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return deliveryOf(answer, await answer.text());
  } catch (error) {
    // The message of a failed fetch may quote the address, which is secret: only the cause's code is kept.
    return { kind: 'unavailable', reason: `the chat did not answer: ${codeOf(error)}` };
  }
}

function deliveryOf({ status, headers }: Response, body: string): Delivery {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const words = body.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON);
  const reason = `the chat answered ${status}${words === '' ? '' : `: ${words}`}`;
  if (status === 429 || status === 503) {
    return { kind: 'unavailable', reason, ...retryAfter(headers.get('retry-after')) };
  }
  return { kind: status >= 500 || status === 408 ? 'unavailable' : 'refused', reason };
}

/** Seconds, or a date of HTTP. */
function retryAfter(header: string | null): { readonly retryAfterMs?: number } {
  if (header === null) return {};
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: ms } : {};
}

function codeOf(error: unknown): string {
  const { cause, name } = error instanceof Error ? error : new Error('unknown');
  return cause instanceof Error && 'code' in cause ? String(cause.code) : name;
}
