import fc from 'fast-check';
import { headers } from 'nats';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Refusal } from '../../../../domain/refusal.js';
import { EPOCH_HEADER, STREAMS } from '../../../../domain/names/subjects.js';
import { reasonForRefusal } from '../../../../services/relay/consumer/failed-message.js';
import {
  describeUnreadable,
  readMessage,
} from '../../../../services/relay/consumer/read-message.js';
import type { RawMessage } from '../../../../services/shared/messages/raw-message.js';
import { streamNames, streamOfSubject } from '../../../../services/shared/streams.js';

const handler = { parse: (body: unknown) => z.object({ n: z.int() }).parse(body) };

function message(body: string | Uint8Array, set: Record<string, string> = {}): RawMessage {
  const found = headers();
  const all = { 'Nats-Msg-Id': 'm/1', [EPOCH_HEADER]: '42', ...set };
  for (const [name, value] of Object.entries(all)) if (value !== '') found.set(name, value);
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { subject: 'actions.zap.paid', headers: found, data };
}

describe('reading a message', () => {
  it('returns its id, its epoch and its body', () => {
    expect(readMessage(message('{"n":1}'), handler)).toEqual({
      messageId: 'm/1',
      epoch: 42n,
      body: { n: 1 },
    });
  });

  it.each([
    ['no id', message('{"n":1}', { 'Nats-Msg-Id': '' }), 'no Nats-Msg-Id'],
    ['no epoch', message('{"n":1}', { [EPOCH_HEADER]: '' }), `no ${EPOCH_HEADER}`],
    ['an epoch in words', message('{"n":1}', { [EPOCH_HEADER]: 'today' }), `no ${EPOCH_HEADER}`],
    [
      'an id that no index holds',
      message('{"n":1}', { 'Nats-Msg-Id': 'x'.repeat(256) }),
      'is not 1 to 255',
    ],
    ['a text with NUL', message('{"n":1,"t":"\\u0000"}'), 'NUL'],
    ['half a character', message('{"n":1,"\\ud800":1}'), 'invalid Unicode'],
    ['no JSON', message('{'), 'not JSON'],
    ['no body', message(''), 'not JSON'],
    ['another body', message('{"n":"secret"}'), 'n: '],
    ['no UTF-8', message(new Uint8Array([0xff, 0xfe])), ''],
  ])('refuses one with %s', (_, raw, reason) => {
    let thrown: unknown;
    try {
      readMessage(raw, handler);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(describeUnreadable(thrown)).toContain(reason);
    expect(describeUnreadable(thrown)).not.toContain('secret');
  });

  it('throws only errors, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          readMessage(message(bytes), handler);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('refused, not redelivered', () => {
  const failed = (code: string): DatabaseError => {
    const error = new DatabaseError('no', 2, 'error');
    error.code = code;
    return error;
  };

  it.each([
    ['a refusal', new Refusal('item.not_found', 'none'), 1, true],
    ['a type unknown to this process', new Refusal('action.unknown_type', 'no'), 1_000, false],
    ['data PostgreSQL cannot take', failed('22P02'), 1, true],
    ['a text that no index holds', failed('54000'), 1, true],
    ['a violated constraint, which may be a lost race', failed('23505'), 1, false],
    ['a violated constraint, again and again', failed('23505'), 5, true],
    ['PostgreSQL shutting down', failed('57P01'), 1_000, false],
    ['a deadlock', failed('40P01'), 1_000, false],
    ['a lost connection', new Error('Connection terminated unexpectedly'), 1_000, false],
  ])('%s', (_, error, deliveries, refused) => {
    expect(reasonForRefusal(error, deliveries) !== undefined).toBe(refused);
  });
});

describe('streams', () => {
  it('keep their own subjects and no others', () => {
    for (const name of streamNames()) {
      for (const pattern of STREAMS[name].subjects) {
        expect(pattern.endsWith('.>')).toBe(true);
        expect(streamOfSubject(pattern.replace('>', 'some.thing'))).toBe(name);
      }
    }
    expect(streamOfSubject('nowhere.at.all')).toBeUndefined();
    expect(streamOfSubject('payments')).toBeUndefined();
    expect(streamOfSubject('paymentsandmore.x')).toBeUndefined();
  });
});
