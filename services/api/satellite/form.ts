import type { FastifyInstance, FastifyRequest } from 'fastify';
import formBody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import { z } from 'zod';
import { SatelliteError } from './errors.js';

/** A form as Flask reads it: of a field sent twice the first counts. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly file?: Buffer;
}

const EMPTY: Form = { fields: new Map() };
/** Limit of one field, and of all fields of a GET. */
const MAX_FIELDS_BYTES = 64 * 1024;

/**
 * Bodies are forms; as with the peer, a body of any other type counts as empty. `maxFileBytes`: the largest file that any order
 * may have.
 */
export async function parseForms(app: FastifyInstance, maxFileBytes: number): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formBody);
  await app.register(multipart, {
    // A field that is cut off here is far over the limit of every field, so it is refused later.
    limits: { fileSize: maxFileBytes, fieldSize: MAX_FIELDS_BYTES, fields: 20, files: 5 },
    isPartAFile: (_field, _type, fileName) => fileName !== undefined,
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, undefined);
  });
}

export async function readForm(request: FastifyRequest): Promise<Form> {
  if (request.isMultipart()) return readMultipart(request);
  if (request.method === 'GET') return readFormOfGet(request);
  return { fields: firstOfEach(request.body) };
}

export function firstOfEach(body: unknown): ReadonlyMap<string, string> {
  const parsed = parameters.safeParse(body ?? {});
  return new Map(
    Object.entries(parsed.success ? parsed.data : {}).flatMap(([name, value]) => {
      const first = typeof value === 'string' ? value : value[0];
      return first === undefined ? [] : [[name, first] as const];
    }),
  );
}

const parameters = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

async function readMultipart(request: FastifyRequest): Promise<Form> {
  const fields = new Map<string, string>();
  let file: Buffer | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      const value = z.string().safeParse(part.value);
      if (value.success && !fields.has(part.fieldname)) fields.set(part.fieldname, value.data);
    } else if (part.fieldname === 'file' && file === undefined) {
      file = await part.toBuffer();
    } else {
      part.file.resume();
    }
  }
  return file === undefined ? { fields } : { fields, file };
}

/** The framework ignores the body of a GET; the peer accepts the token there. */
async function readFormOfGet(request: FastifyRequest): Promise<Form> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return EMPTY;
  const body = z.array(z.instanceof(Buffer)).parse(await request.raw.toArray());
  const text = Buffer.concat(body).toString('utf8');
  if (text.length > MAX_FIELDS_BYTES) throw SatelliteError.message(413, 'The form is too large.');
  return { fields: new Map([...new URLSearchParams(text)].reverse()) };
}
