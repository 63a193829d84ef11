import type { FastifyInstance } from 'fastify';
import { parseExactJson } from '../../../domain/credits/exact-json.js';
import { Refusal } from '../../../domain/refusal.js';
import { storageFaultOf } from '../../../domain/storable.js';
import { duplicateKeyIn } from './duplicate-keys.js';

const MAX_DEPTH = 32;

/** Accepts JSON only: UTF-8, no key twice, storable by PostgreSQL, nested at most 32 deep. Other media types are refused. */
export function parseJsonOnly(app: FastifyInstance): void {
  addParser(app, (value) => value);
}

/** The same, but integers of any size and other numbers as written are kept exactly. */
export function parseExactJsonOnly(app: FastifyInstance): void {
  addParser(app, (_value, text) => parseExactJson(text));
}

function addParser(app: FastifyInstance, valueOf: (value: unknown, text: string) => unknown): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decode(body);
    if (text === undefined) done(malformed('the body is not UTF-8'));
    else if (text.trim() === '') done(null, undefined);
    else {
      void parse(request, text, (error, value) => {
        const fault = error === null ? faultOf(value, text) : error.message;
        if (fault === undefined) done(null, valueOf(value, text));
        else done(malformed(fault));
      });
    }
  });
}

function malformed(detail: string): Refusal {
  return new Refusal('request.malformed', detail);
}

function decode(body: string | Buffer): string | undefined {
  try {
    return typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function faultOf(value: unknown, text: string): string | undefined {
  const fault = storageFaultOf(value, MAX_DEPTH);
  if (fault !== undefined) return fault;
  const twice = duplicateKeyIn(text);
  return twice === undefined ? undefined : `the body has the key ${JSON.stringify(twice)} twice`;
}
