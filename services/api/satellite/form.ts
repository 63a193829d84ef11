import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SatelliteError } from './errors.js';
import { boundaryOf, parseMultipart } from './multipart.js';

/** A form as Flask reads it: of a field sent twice the first counts. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly file?: Buffer;
}

const EMPTY: Form = { fields: new Map() };
/** A request that only carries a token. */
const MAX_TOKEN_FORM_BYTES = 64 * 1024;

/**
 * Bodies are forms, read whole into memory up to a limit and then parsed; as with the peer, a body of any other type counts as empty,
 * and so does a broken one. How long a body may be, its route says.
 */
export function parseForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, formIn(Buffer.from(body), request.headers['content-type'] ?? ''));
  });
  app.decorateRequest('form');
  app.addHook('preHandler', async (request) => {
    // The framework ignores the body of a GET; the peer takes the token from there.
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    request.form = isGet ? await formOfGet(request) : parsedForm(request.body);
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the Satellite API's requests. */
    form: Form;
  }
}

class ParsedForm {
  constructor(readonly form: Form) {}
}

function formIn(body: Buffer, type: string): ParsedForm {
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return new ParsedForm(urlencoded(body));
  if (/^multipart\/form-data\b/i.test(type)) return new ParsedForm(multipart(body, type));
  return new ParsedForm(EMPTY);
}

function parsedForm(body: unknown): Form {
  return body instanceof ParsedForm ? body.form : EMPTY;
}

/** Escapes that are no bytes stay as they are; bytes that are not UTF-8 are replaced. */
function urlencoded(body: Buffer): Form {
  return { fields: firstOfEach(new URLSearchParams(body.toString('utf8'))) };
}

function firstOfEach(pairs: Iterable<readonly [string, string]>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) if (!fields.has(name)) fields.set(name, value);
  return fields;
}

function multipart(body: Buffer, type: string): Form {
  const boundary = boundaryOf(type);
  const parts = boundary === undefined ? undefined : parseMultipart(body, boundary);
  if (parts === undefined) return EMPTY;
  const texts = parts.filter(({ isFile }) => !isFile);
  const fields = firstOfEach(texts.map(({ name, content }) => [name, content.toString('utf8')]));
  const file = parts.find(({ name, isFile }) => isFile && name === 'file')?.content;
  return file === undefined ? { fields } : { fields, file };
}

async function formOfGet({ raw, headers }: FastifyRequest): Promise<Form> {
  const type = headers['content-type'];
  if (type === undefined) return EMPTY;
  return formIn(await readAtMost(raw, MAX_TOKEN_FORM_BYTES), type).form;
}

function readAtMost(raw: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    raw.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else reject(SatelliteError.message(413, `The form is larger than ${limit} bytes.`));
    });
    raw.once('end', () => resolve(Buffer.concat(chunks)));
    raw.once('error', reject);
    raw.once('close', () => reject(SatelliteError.message(400, 'The request was cut off.')));
  });
}

/** The fields of a query; of one sent twice the first counts. */
export function queryFields(query: unknown): ReadonlyMap<string, string> {
  const names = Object.keys(query ?? {});
  return new Map(names.map((name) => [name, firstOfQuery(query, name) ?? '']));
}

/** Of a query, as the framework parses it. */
export function firstOfQuery(query: unknown, name: string): string | undefined {
  const value: unknown = Object.entries(query ?? {}).find(([key]) => key === name)?.[1];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}
