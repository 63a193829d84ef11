import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventStream, OpenStreams } from '../../../../services/api/events/event-stream.js';
import { waitUntil } from '../../../support/wait-until.js';

const MOST_WAITING = 64 * 1024;
let app: FastifyInstance;
let streams: OpenStreams;
let url: string;
let ended: number;
let opened: number;
let stream: EventStream;
/** What a request waits for before its stream is opened, as for a row that says whether it may be. */
let before: (closed: Promise<unknown>) => Promise<unknown>;

beforeEach(async () => {
  [ended, opened] = [0, 0];
  before = () => Promise.resolve();
  streams = new OpenStreams({ maxWaitingBytes: MOST_WAITING, cacheControl: 'no-store' });
  app = Fastify();
  app.get('/events', async (_request, reply) => {
    await before(once(reply.raw, 'close'));
    stream = streams.open(reply);
    stream.onEnd(() => (ended += 1));
    opened += 1;
    return reply;
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => app.close());

it('a client that has gone before its stream was opened leaves nothing behind', async () => {
  before = (closed) => closed;
  const call = request(`${url}/events`, { agent: false }).on('error', () => undefined);
  call.end();
  await once(call, 'finish');
  const second = await fetch(`${url}/nowhere`);
  expect(second.status).toBe(404);
  call.destroy();
  await waitUntil('it is opened', () => opened === 1);
  await waitUntil('it has ended', () => ended === 1);
  expect(streams.size).toBe(0);
});

it('a stream that is opened after all were ended ends as well', async () => {
  streams.endAll();
  const answer = await fetch(`${url}/events`);
  expect(await answer.text()).toBe('');
  await waitUntil('it has ended', () => ended === 1);
});

it('streams that are open end together', async () => {
  const answers = await Promise.all([fetch(`${url}/events`), fetch(`${url}/events`)]);
  expect([streams.size, ended]).toEqual([2, 0]);
  streams.endAll();
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['', '']);
  await waitUntil('both have ended', () => ended === 2);
  expect(streams.size).toBe(0);
});

it('a client that does not read what was written is let go', async () => {
  const call = request(`${url}/events`, { agent: false }).on('error', () => undefined);
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.pause();
  expect(response.headers['cache-control']).toBe('no-store');
  const text = `data: ${'x'.repeat(MOST_WAITING)}\n\n`;
  // What the two ends of the connection hold themselves does not wait here.
  for (let n = 0; n < 1_000 && ended === 0; n += 1) {
    stream.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(ended).toBe(1);
  call.destroy();
});
