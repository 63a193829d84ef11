import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PageStreams } from '../../../../../services/api/pages/events/streams.js';
import { Places } from '../../../../../services/api/places.js';
import { waitUntil } from '../../../../support/wait-until.js';

let app: FastifyInstance;
let streams: PageStreams;
let places: Places;
let url: string;
let subscribed: number;
let send: (mark: string) => void;

beforeEach(async () => {
  places = new Places({ perNetwork: 1, all: 1 });
  streams = new PageStreams(places);
  subscribed = 0;
  app = Fastify();
  app.get('/events', (_request, reply) =>
    streams.open(reply, (given) => {
      send = given;
      subscribed += 1;
      return () => (subscribed -= 1);
    }),
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => app.close());

test('a page that is closed gives its place back, and is told nothing more', async () => {
  const closed = new AbortController();
  const answer = await fetch(`${url}/events`, { signal: closed.signal });
  expect([answer.status, subscribed, places.size]).toEqual([200, 1, 1]);
  expect((await fetch(`${url}/events`)).status).not.toBe(200);
  expect(subscribed).toBe(1);
  closed.abort();
  await waitUntil('nobody listens', () => subscribed === 0);
  expect(places.size).toBe(0);
  expect((await fetch(`${url}/events`)).status).toBe(200);
  streams.endAll();
});

test('a mark is one event, whatever is in it', async () => {
  const answer = await fetch(`${url}/events`);
  send('one\ndata: two\n\nthree');
  streams.endAll();
  expect(await answer.text()).toContain('data: one data: two  three\n\n');
});
