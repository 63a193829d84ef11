import { id, uploadAnswer } from '@quittance/sdk/answers';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { TableBytes } from '../../../../adapters/uploads/table-bytes.js';
import { Refusal } from '../../../../domain/refusal.js';
import { originOf } from '../../../../engine/accounts/origin.js';
import { MAX_UPLOAD_BYTES } from '../../../../domain/uploads.js';
import { readUpload, storeUpload, type Upload } from '../../../../engine/uploads/uploads.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['uploads'];
const params = z.strictObject({ id });

/** Takes bodies of any type as bytes. */
export function addUploadRoutes(app: ZodApp, deps: ApiDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) =>
    parsed(null, body),
  );
  addStore(app, deps);
  addReads(app, deps);
}

function addStore(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/uploads',
    {
      bodyLimit: MAX_UPLOAD_BYTES,
      config: { access: 'anyone', refusals: ['upload.not_taken', 'upload.too_many'] },
      schema: {
        tags,
        summary: 'Store a file',
        description: `The body is the file: PNG, JPEG, GIF, WebP, WebM or MP4, at most ${MAX_UPLOAD_BYTES} bytes. Texts show it by its address; it is paid with the first of them, and deleted after seven days (without an account: one) if none is paid.`,
        response: { 200: uploadAnswer },
      },
    },
    async ({ body, caller, ip }) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const owner =
        caller.kind === 'account'
          ? { account: caller.id }
          : { origin: originOf(engine.secret, ip) };
      const store = { pool: engine.pool, bytes: new TableBytes(engine.pool) };
      return present(await storeUpload(store, owner, bytes));
    },
  );
}

function addReads(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/uploads/:id',
    {
      config: { access: 'anyone', refusals: ['upload.not_found'] },
      schema: {
        tags,
        summary: 'Read about a file',
        description: 'Its owner sees it at once, others once something that shows it is paid.',
        params,
        response: { 200: uploadAnswer },
      },
    },
    async ({ params: { id: wanted }, caller }) =>
      present(await readUpload(reads, wanted, caller.kind === 'account' ? caller.id : null)),
  );
  const bytes = new TableBytes(reads);
  app.get(
    '/v1/uploads/:id/bytes',
    {
      config: { access: 'anyone', refusals: ['upload.not_found'] },
      schema: {
        tags,
        summary: 'Read a file',
        description: 'Its bytes, with its own content type.',
        params,
        response: { 200: z.string().meta({ format: 'binary' }) },
      },
    },
    async ({ params: { id: wanted }, caller }, reply) => {
      const viewer = caller.kind === 'account' ? caller.id : null;
      const upload = await readUpload(reads, wanted, viewer);
      return sendBytes(reply, upload, await bytes.get(upload.id));
    },
  );
}

function sendBytes(reply: FastifyReply, upload: Upload, bytes: Buffer | undefined): FastifyReply {
  if (bytes === undefined) throw new Refusal('upload.not_found', `there is no file ${upload.id}`);
  // What a browser would run is not among the kinds that are taken, and this says so.
  return reply
    .header('content-security-policy', `default-src 'none'; sandbox`)
    .header('content-disposition', 'inline')
    .header('x-content-type-options', 'nosniff')
    .type(upload.contentType)
    .send(bytes);
}

function present(upload: Upload): z.output<typeof uploadAnswer> {
  return {
    ...{ id: upload.id, url: `/v1/uploads/${upload.id}/bytes`, size: upload.size },
    ...{ contentType: upload.contentType, sha256: upload.sha256 },
    createdAt: toTime(upload.createdAt),
    paidAt: toTimeOrNull(upload.paidAt),
  };
}
