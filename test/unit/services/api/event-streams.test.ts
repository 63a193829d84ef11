import { once } from 'node:events';
import { request } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenStreams } from '../../../../services/api/events/event-stream.js';
import { waitUntil } from '../../../support/wait-until.js';

let app: FastifyInstance;
let streams: OpenStreams;
let url: string;
let ended: number;
let opened: number;
/** What a request waits for before its stream is opened, as for a row that says whether it may be. */
let before: (closed: Promise<unknown>) => Promise<unknown>;

beforeEach(async () => {
  [ended, opened] = [0, 0];
  before = () => Promise.resolve();
  streams = new OpenStreams();
  app = Fastify();
  app.get('/events', async (_request, reply) => {
    await before(once(reply.raw, 'close'));
    streams.open(reply).onEnd(() => (ended += 1));
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
