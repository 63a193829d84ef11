import {
  chatSettings,
  mailSettings,
} from '../../../../engine/intake/incidents/channel-settings.js';
import {
  type Channel,
  putChannel,
  readChannels,
  removeChannel,
  testChannel,
} from '../../../../engine/intake/incidents/channels.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { answerStatus } from '../idempotency.js';
import { emptyBody } from '../wire/action-request.js';
import {
  channelAnswer,
  channelBody,
  channelParams,
  channelsAnswer,
  queuedAnswer,
} from '../wire/incident.js';
import { storeParams } from '../wire/stores.js';
import { toTimeOrNull } from '../wire/values.js';

const tags = ['order intake'];

export function addChannelRoutes(app: ZodApp, deps: ApiDeps): void {
  addList(app, deps);
  addPut(app, deps);
  addRemove(app, deps);
  addTest(app, deps);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/stores/:store/channels',
    {
      config: { access: 'read' },
      schema: {
        tags,
        summary: 'List where people of a store are told, and how those channels do',
        params: storeParams,
        response: { 200: channelsAnswer },
      },
    },
    async ({ params: { store } }) => ({
      channels: (await readChannels(reads, store)).map(present),
    }),
  );
}

function addPut(app: ZodApp, { engine }: ApiDeps): void {
  app.put(
    '/v1/stores/:store/channels/:name',
    {
      config: { access: 'stores', refusals: ['store.not_found', 'channel.other_kind'] },
      schema: {
        tags,
        summary: 'Add a channel, or change it',
        description: 'The address of a chat’s webhook is a secret: it is never shown again.',
        params: channelParams,
        body: channelBody,
        response: { 200: channelAnswer },
      },
    },
    async ({ params, body }) => {
      const { kind, digest } = body;
      const change =
        body.kind === 'mail'
          ? { kind, settings: { to: body.to, digest }, hook: null }
          : { kind, settings: { digest }, hook: body.hook };
      const channel = await putChannel(engine.pool, engine.storeKeys, { ...params, ...change });
      engine.outboxChanged();
      return present(channel);
    },
  );
}

function addRemove(app: ZodApp, { engine }: ApiDeps): void {
  app.delete(
    '/v1/stores/:store/channels/:name',
    {
      config: { access: 'stores', refusals: ['channel.not_found'] },
      schema: {
        tags,
        summary: 'Remove a channel; messages that wait for it are given up',
        params: channelParams,
        response: { 200: channelsAnswer },
      },
    },
    async ({ params }) => {
      await removeChannel(engine.pool, params);
      return { channels: (await readChannels(engine.pool, params.store)).map(present) };
    },
  );
}

function addTest(app: ZodApp, { engine }: ApiDeps): void {
  app.post(
    '/v1/stores/:store/channels/:name/test',
    {
      config: { access: 'stores', refusals: ['channel.not_found'] },
      schema: {
        tags,
        summary: 'Send a test message, and try at once what waits',
        description: 'The list of channels shows what became of it.',
        params: channelParams,
        body: emptyBody,
        response: { 200: queuedAnswer, 202: queuedAnswer },
      },
    },
    async (request, reply) => {
      const { idempotencyKey } = request.idempotency;
      const { replayed } = await testChannel(engine.pool, request.params, idempotencyKey);
      engine.outboxChanged();
      return reply.code(answerStatus(reply, replayed, 202)).send({ queued: true });
    },
  );
}

function present({ settings, ...channel }: Channel) {
  const { to, digest } =
    channel.kind === 'mail'
      ? mailSettings.parse(settings)
      : { to: null, ...chatSettings.parse(settings) };
  return {
    ...{ ...channel, to, digest },
    id: channel.id.toString(),
    failingSince: toTimeOrNull(channel.failingSince),
    lastSentAt: toTimeOrNull(channel.lastSentAt),
  };
}
