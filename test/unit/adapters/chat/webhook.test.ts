import { afterEach, beforeEach, expect, test } from 'vitest';
import { createChat } from '../../../../adapters/chat/webhook.js';
import { startChatHook, type TestHook } from '../../../support/chat-hook.js';

let hook: TestHook;
let other: TestHook;
beforeEach(async () => {
  [hook, other] = await Promise.all([startChatHook(), startChatHook()]);
});
afterEach(() => Promise.all([hook.close(), other.close()]));

test('one hook takes one message at a time, spaced; another does not wait for it', async () => {
  const spacingMs = 150;
  const chat = createChat({ spacingMs });
  const start = performance.now();
  const sentAt: number[] = [];
  const post = async (to: TestHook, text: string): Promise<number> => {
    expect(await chat.post(to.url, text)).toEqual({ kind: 'sent' });
    return performance.now() - start;
  };
  const posts = ['a', 'b', 'c'].map(async (text) => sentAt.push(await post(hook, text)));
  const elsewhere = await post(other, 'x');
  await Promise.all(posts);
  expect(hook.posts.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  // Timers may be a millisecond early.
  expect(sentAt[1]).toBeGreaterThanOrEqual(spacingMs - 2);
  expect(sentAt[2]).toBeGreaterThanOrEqual(2 * spacingMs - 2);
  expect(elsewhere).toBeLessThan(2 * spacingMs);
});

test('the spacing of a hook is a second', async () => {
  const chat = createChat();
  const start = performance.now();
  await chat.post(hook.url, 'a');
  await chat.post(hook.url, 'b');
  expect(performance.now() - start).toBeGreaterThanOrEqual(998);
});
