import { createPublicKey, createHmac, verify } from 'node:crypto';
import { webhookDeliveriesAnswer, webhookWithKeyAnswer } from '@quittance/sdk/answers';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { z } from 'zod';
import { derivedStoreKeys } from '../../../../../engine/stored-secrets.js';
import { WebhookSender } from '../../../../../services/relay/webhooks/sender.js';
import type { Received } from '../../../../support/webhook-receiver.js';
import type { ApiTester, Headers } from '../tester.helper.js';

export type Webhook = z.output<typeof webhookWithKeyAnswer>;
export type Deliveries = z.output<typeof webhookDeliveriesAnswer>['deliveries'];

export function newSender(tester: ApiTester, timeoutMs = 1_000): WebhookSender {
  const { pool, engine } = tester.api;
  return new WebhookSender({
    ...{ pool, keys: derivedStoreKeys(engine.secret), logger: pino({ level: 'silent' }) },
    ...{ networks: ['127.0.0.0/8'], pollMs: 20, timeoutMs },
  });
}

export async function subscribe(
  tester: ApiTester,
  headers: Headers,
  body: { readonly url: string; readonly events?: readonly string[]; readonly signing?: string },
): Promise<Webhook> {
  const answer = await tester.post('/v1/webhooks', body, headers);
  expect(answer.status, answer.text).toBe(201);
  return webhookWithKeyAnswer.parse(answer.json);
}

export async function deliveriesOf(
  tester: ApiTester,
  headers: Headers,
  id: string,
): Promise<Deliveries> {
  const answer = await tester.get(`/v1/webhooks/${id}/deliveries`, headers);
  return webhookDeliveriesAnswer.parse(answer.json).deliveries;
}

/** Which of the signatures of a message verify with the key: their places. As a receiver would, by the specification. */
export function verified({ headers, body }: Received, key: string): number[] {
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return String(headers['webhook-signature'])
    .split(' ')
    .flatMap((one, place) => {
      const [version = '', signature = ''] = one.split(',');
      return isValid(version, signature, text, key) ? [place] : [];
    });
}

const SPKI_OF_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

function isValid(version: string, signature: string, text: string, key: string): boolean {
  const bytes = Buffer.from(key.replace(/^wh(sec|pk)_/, ''), 'base64');
  if (version === 'v1' && key.startsWith('whsec_')) {
    return createHmac('sha256', bytes).update(text).digest('base64') === signature;
  }
  if (version !== 'v1a' || !key.startsWith('whpk_')) return false;
  const spki = Buffer.concat([SPKI_OF_ED25519, bytes]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
}

/** The type and the data of a message. */
export function messageOf({ body }: Received): { type: string; data: Record<string, unknown> } {
  return JSON.parse(body) as { type: string; data: Record<string, unknown> };
}
