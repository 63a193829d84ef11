import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  EVENTS_PATH,
  HEARTBEAT_MS,
} from '../../../adapters/lightning/simulator-client/protocol.js';
import { cursorText } from '../../../adapters/lightning/simulator-client/wire.js';
import { eventLines } from './event-lines.js';
import type { FaultyCalls } from '../faults/faulty-calls.js';
import type { SimulatedNode } from '../simulated-node.js';

const query = z.object({ after: cursorText.prefault('0') });

/** The stream of events, one JSON object per line, until the client disconnects. */
export function eventRoutes(
  instance: FastifyInstance,
  { node, calls }: { readonly node: SimulatedNode; readonly calls: FaultyCalls },
): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.get(
    EVENTS_PATH,
    { schema: { querystring: query } },
    async ({ query: { after }, raw }, reply) => {
      await calls.run('subscribe', () => Promise.resolve());
      const gone = new AbortController();
      raw.socket.once('close', () => gone.abort());
      const lines = eventLines(node, calls.faults, {
        after,
        heartbeatMs: HEARTBEAT_MS,
        signal: gone.signal,
      });
      return reply.type('application/x-ndjson').send(Readable.from(lines));
    },
  );
}
