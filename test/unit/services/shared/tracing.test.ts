import { trace } from '@opentelemetry/api';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginStatement } from '../../../../db/trace-setting.js';
import { traceRequests } from '../../../../services/api/tracing.js';
import { createLogger } from '../../../../services/shared/logger.js';
import { activeTraceparent, inSpan } from '../../../../services/shared/tracing/span.js';
import { startTracing } from '../../../../services/shared/tracing/start.js';
import { contextOf, traceparentOf } from '../../../../services/shared/tracing/traceparent.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../../support/otlp-receiver.js';

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const RECORDED = `00-${TRACE}-${SPAN}-01`;

let receiver: OtlpReceiver;
let stop: () => Promise<void>;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  // Before anything is switched on.
  expect(
    await inSpan('nothing', { parent: RECORDED }, () => Promise.resolve(activeTraceparent())),
  ).toBeUndefined();
  const logger = createLogger({ logLevel: 'silent' }, 'test');
  const none = { otlpEndpoint: undefined, otlpHeaders: undefined, traceShare: 1 };
  await (
    await startTracing(none, 'test', logger)
  )();
  const config = { ...none, otlpEndpoint: `${receiver.url}/`, otlpHeaders: { 'x-key': 'k' } };
  stop = await startTracing(config, 'test', logger);
});
afterAll(() => receiver.close());

describe('a traceparent', () => {
  test('is written as it was read', () => {
    const parsed = trace.getSpanContext(contextOf(RECORDED) ?? expect.fail('not read'));
    expect(parsed && traceparentOf(parsed)).toBe(RECORDED);
  });

  test.each([
    ['of a trace that is not recorded', `00-${TRACE}-${SPAN}-00`],
    ['of another version', `01-${TRACE}-${SPAN}-01`],
    ['with an empty trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['with more behind it', `${RECORDED}'; drop table accounts; --`],
    ['that is none', ''],
  ])('%s is ignored', async (_, text) => {
    expect(contextOf(text)).toBeUndefined();
    const seen = await inSpan('x', { parent: text }, () => Promise.resolve(activeTraceparent()));
    expect(seen).toBeUndefined();
  });

  test('of the active span goes into transactions, and out with it', async () => {
    expect(beginStatement()).toBe('begin isolation level read committed');
    const begun = await inSpan('writes', { parent: RECORDED }, () =>
      Promise.resolve(beginStatement()),
    );
    expect(begun).toMatch(
      new RegExp(`; set local quittance\\.traceparent = '00-${TRACE}-[0-9a-f]{16}-01'$`),
    );
    expect(beginStatement()).not.toContain('quittance');
  });
});

/** An API that answers with the trace of its request. */
async function answered(
  callers: 'followed' | 'ignored',
  url: string,
  traceparent = RECORDED,
): Promise<string> {
  const app = Fastify();
  traceRequests(app, callers);
  app.post('/v1/things/:id', () => ({ seen: activeTraceparent() ?? 'none' }));
  const payload = { text: 'private' };
  const { body } = await app.inject({ method: 'POST', url, payload, headers: { traceparent } });
  await app.close();
  return (JSON.parse(body) as { seen: string }).seen;
}

test('a request is the root of its trace, unless its caller is followed', async () => {
  expect(await answered('ignored', '/v1/things/7?key=secret')).not.toContain(TRACE);
  expect(await answered('followed', '/v1/things/7')).toContain(TRACE);
  expect(await answered('followed', '/v1/things/7', `00-${TRACE}-${SPAN}-00`)).not.toContain(TRACE);
});

test('spans are sent at the stop, with what was configured and without what was private', async () => {
  await expect(
    inSpan('fails', { parent: RECORDED }, () => Promise.reject(new RangeError('private'))),
  ).rejects.toThrow('private');
  await stop();
  const names = receiver.spans.map(({ name }) => name);
  expect(names).toContain('writes');
  expect(names).toContain('POST /v1/things/:id');
  expect(names).not.toContain('nothing');
  const failed = receiver.spans.find(({ name }) => name === 'fails');
  expect(failed).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, service: 'quittance-test' });
  expect(failed?.attributes['error.type']).toBe('RangeError');
  expect(receiver.headers()['x-key']).toBe('k');
  const all = receiver.bodies.join('\n');
  expect(['private', 'secret', 'things/7'].filter((text) => all.includes(text))).toEqual([]);
});
