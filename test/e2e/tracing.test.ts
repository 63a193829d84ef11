import type { QuittanceClient } from '@quittance/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../support/otlp-receiver.js';
import { waitUntil } from '../support/wait-until.js';
import { System, WALLET } from './system.helper.js';

const TITLE = 'A title that is nobody’s business';

let receiver: OtlpReceiver;
let system: System;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  system = await System.start({
    doubled: true,
    environment: { QUITTANCE_OTLP_ENDPOINT: receiver.url, QUITTANCE_TRACE_SHARE: '1' },
  });
});
afterAll(async () => {
  await system.stop();
  receiver.close();
});

/** What must have happened in the trace of an action that was held, performed and settled. */
const EXPECTED = [
  ['quittance-api', 'POST /v1/actions'],
  ['quittance-api', 'lightning createInvoice'],
  ['quittance-relay', 'start workflow'],
  ['quittance-relay', 'apply PAYMENTS'],
  ['quittance-relay', 'call settle_invoice'],
  ['quittance-relay', 'lightning settleInvoice'],
  ['quittance-relay', 'publish ACTIONS'],
  ['quittance-worker', 'activity advanceAction'],
] as const;

async function paid(
  client: QuittanceClient,
  request: Parameters<QuittanceClient['openAction']>[0],
): Promise<{ id: string; bolt11: string; itemId: string }> {
  const { action, capability } = await client.openAction(request);
  const bolt11 = action.attempts[0]?.invoice?.bolt11 ?? '';
  await system.wallets.pay(WALLET, bolt11);
  const access = capability === undefined ? {} : { capability };
  const after = await client.waitForAction(action.id, access);
  expect(after.state).toBe('PAID');
  return { id: action.id, bolt11, itemId: after.result['itemId'] ?? '' };
}

/** All spans of the trace in which that workflow's attempt was opened. */
function traceOf(workflowId: string): readonly ReceivedSpan[] {
  const one = receiver.spans.find(
    ({ attributes }) => attributes['temporal.workflow_id'] === workflowId,
  );
  return receiver.spans.filter(({ traceId }) => traceId === one?.traceId);
}

/** Spans whose parents are not in the trace. */
function orphans(workflowId: string): readonly ReceivedSpan[] {
  const trace = traceOf(workflowId);
  const ids = new Set(trace.map(({ spanId }) => spanId));
  return trace.filter(({ parentSpanId = '' }) => parentSpanId !== '' && !ids.has(parentSpanId));
}

const has = (spans: readonly ReceivedSpan[], [service, name]: readonly [string, string]): boolean =>
  spans.some((span) => span.service === service && span.name === name);

test('a paid action is one connected trace through api, relay and worker', async () => {
  const author = await system.account('traced-author');
  const post = { type: 'ITEM_CREATE', args: { title: TITLE }, payment: 'invoice' } as const;
  const { id: postId, itemId } = await paid(author, post);
  const zap = { type: 'ZAP', args: { itemId, sats: 7 }, payment: 'invoice' } as const;
  // Of somebody unknown, so it is held until it is performed.
  const { id, bolt11 } = await paid(system.client(), zap);

  const spans = await waitUntil('every part of the trace has come', () => {
    const trace = traceOf(`action/${id}/1`);
    return EXPECTED.every((one) => has(trace, one)) && trace;
  }).catch((cause: unknown) => {
    const came = traceOf(`action/${id}/1`).map(({ service, name }) => `${service} ${name}`);
    throw new Error(`only these have come: ${came.join(', ')}`, { cause });
  });
  await waitUntil('the effects of the post', () =>
    has(traceOf(`action/${postId}/1`), ['quittance-relay', 'effect after_paid']),
  );
  // Each process sends its own spans when it likes.
  await waitUntil('no span is without its parent', () => orphans(`action/${id}/1`).length === 0);
  const roots = traceOf(`action/${id}/1`).filter(({ parentSpanId = '' }) => parentSpanId === '');
  expect(roots.map(({ name }) => name)).toEqual(['POST /v1/actions']);
  const { rows } = await system.pool.query<{ traceparent: string }>(
    'select traceparent from attempts where action_id = $1',
    [id],
  );
  expect(rows[0]?.traceparent).toContain(spans[0]?.traceId);

  // Nothing that a reader of traces must not see.
  const all = receiver.bodies.join('\n');
  const secrets = [TITLE, bolt11, system.parts.operatorToken, 'Bearer', 'qt_', 'preimage'];
  expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
});

test('a collector that is away harms nobody', async () => {
  receiver.close();
  const author = await system.account('untraced-author');
  const post = { type: 'ITEM_CREATE', args: { title: 'Another' }, payment: 'invoice' } as const;
  await paid(author, post);
  await waitUntilIdle(system, 60_000);
  expect(await failedChecks(system)).toEqual([]);
});
