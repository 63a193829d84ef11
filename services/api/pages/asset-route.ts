import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusal.js';
import type { PagesContext } from './context.js';

const params = z.object({ name: z.string().max(100) });

/** Names have a hash of the content: a browser keeps them for ever. */
export function addAssetRoute(app: FastifyInstance, { assets }: PagesContext): void {
  app.get(
    '/assets/:name',
    { config: { quiet: true }, schema: { hide: true } },
    (request, reply) => {
      const asset = assets.byName.get(params.parse(request.params).name);
      if (asset === undefined) {
        throw new Refusal('request.not_found', 'There is no such file.');
      }
      const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
      if (zipped) void reply.header('content-encoding', 'gzip');
      return reply
        .type(asset.contentType)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('vary', 'Accept-Encoding')
        .send(zipped ? asset.gzipped : asset.body);
    },
  );
}
