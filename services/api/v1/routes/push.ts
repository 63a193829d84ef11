import { pushSubscriptionAnswer, pushSubscriptionsAnswer, rowId } from '@quittance/sdk/answers';
import { z } from 'zod';
import { isPublicKey } from '../../../../adapters/push/encrypt.js';
import { isPublicName } from '../../../../adapters/lightning/wallets/public-https.js';
import { Refusal } from '../../../../domain/refusal.js';
import { transact } from '../../../../engine/context.js';
import {
  listSubscriptions,
  type PushSubscription,
  subscribe,
  unsubscribe,
} from '../../../../engine/notices/push-subscriptions.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { toTime } from '../wire/values.js';

const tags = ['notices'];

const base64url = (bytes: number): z.ZodType<Buffer, string> =>
  z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/)
    .transform((text) => Buffer.from(text, 'base64url'))
    .refine((key) => key.length === bytes, `must be ${bytes} bytes, base64url`);

/** As a browser's PushSubscription.toJSON() gives it. Its address is called by the server: a name over https, on the usual port. */
const subscriptionBody = z
  .object({
    endpoint: z
      .string()
      .max(1_000)
      .refine(isPublicEndpoint, 'must be an https address of a push service'),
    keys: z.object({
      p256dh: base64url(65).refine(isPublicKey, 'must be a point of P-256'),
      auth: base64url(16),
    }),
  })
  .meta({
    examples: [
      {
        endpoint: 'https://push.example/send/abc',
        keys: {
          p256dh:
            'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      },
    ],
  });

function isPublicEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isPublicName(url) && url.port === '' && url.username === '' && url.password === '';
}

export function addPushRoutes(app: ZodApp, { engine, reads, ...deps }: ApiDeps): void {
  const pushPublicKey = deps.pushPublicKey ?? null;
  app.get(
    '/v1/push',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'List the devices that are told of notices, and the key to subscribe with',
        response: { 200: pushSubscriptionsAnswer },
      },
    },
    async (request) => {
      const subscriptions = await listSubscriptions(reads, accountOf(request).id);
      return { publicKey: pushPublicKey, subscriptions: subscriptions.map(present) };
    },
  );
  app.post(
    '/v1/push',
    {
      config: { access: 'account', refusals: ['push.not_offered', 'push.too_many'] },
      schema: {
        tags,
        summary: 'Tell a device of notices (web push)',
        body: subscriptionBody,
        response: { 200: pushSubscriptionAnswer },
      },
    },
    async (request) => {
      if (pushPublicKey === null) {
        throw new Refusal('push.not_offered', 'the server has no key for push services');
      }
      const { endpoint, keys } = request.body;
      const { id } = accountOf(request);
      return present(await transact(engine, (tx) => subscribe(tx, id, { endpoint, ...keys })));
    },
  );
  app.delete(
    '/v1/push/:id',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Tell a device of notices no more',
        params: z.strictObject({ id: rowId }),
        response: { 200: pushSubscriptionsAnswer },
      },
    },
    async (request) => {
      const account = accountOf(request).id;
      await unsubscribe(engine.pool, account, request.params.id);
      const subscriptions = await listSubscriptions(engine.pool, account);
      return { publicKey: pushPublicKey, subscriptions: subscriptions.map(present) };
    },
  );
}

function present({
  id,
  endpoint,
  createdAt,
}: PushSubscription): z.output<typeof pushSubscriptionAnswer> {
  return { id: id.toString(), endpoint, createdAt: toTime(createdAt) };
}
