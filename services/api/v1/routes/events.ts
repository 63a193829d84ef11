import { z } from 'zod';
import { noItem } from '../../../../engine/items/find-item.js';
import { readItem } from '../../../../engine/items/read-items.js';
import type { ApiDeps } from '../../deps.js';
import { accountTopic, itemTopic } from '../../events/change-feed.js';
import type { StateStreams } from '../../events/state-streams.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { readOwnState } from '../own-state.js';
import { presentItem } from '../present-item.js';
import type { TokenCache } from '../token-cache.js';
import { itemParams } from '../wire/item.js';

const tags = ['events'];
const STREAM = z
  .string()
  .meta({ description: 'Server-sent events named `state`, each with the whole state as JSON.' });

/** Streams of states. They end when the process stops; a client connects again and begins with the state as it is then. */
export function addEventRoutes(
  app: ZodApp,
  { reads }: ApiDeps,
  tokens: TokenCache,
  streams: StateStreams,
): void {
  app.addHook('preClose', (done) => {
    streams.endAll();
    done();
  });
  app.get(
    '/v1/events',
    {
      config: { access: 'account', refusals: ['events.too_many'] },
      schema: {
        tags,
        summary: 'Follow the caller’s own changes',
        description:
          'Server-sent events: the data of each is the whole `OwnState`, the first as it is at the beginning.',
        produces: ['text/event-stream'],
        response: { 200: STREAM },
      },
    },
    async (request, reply) => {
      const { id } = accountOf(request);
      const token = request.headers.authorization?.replace(/^Bearer +/i, '').trim() ?? '';
      const read = async (): Promise<object | undefined> => {
        // A token that was revoked meanwhile reads nothing more.
        const caller = await tokens.authenticate(reads, token);
        return caller === undefined ? undefined : readOwnState(reads, id);
      };
      await streams.open(request, reply, { topic: accountTopic(id), read });
    },
  );
  app.get(
    '/v1/items/:id/events',
    {
      config: { access: 'anyone', refusals: ['item.not_found', 'events.too_many'] },
      schema: {
        tags,
        summary: 'Follow the changes of an item',
        description:
          'Server-sent events: the data of each is the whole `Item`, the first as it is at the beginning.',
        params: itemParams,
        produces: ['text/event-stream'],
        response: { 200: STREAM },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const read = async (): Promise<object> => {
        const item = await readItem(reads, BigInt(id), request.caller);
        if (item === undefined) throw noItem(id);
        return presentItem(item);
      };
      await streams.open(request, reply, { topic: itemTopic(id), read });
    },
  );
}
