import type { z } from 'zod';
import type { IntakeContext } from '../../../../engine/intake/context.js';
import { askForSlips } from '../../../../engine/intake/slips/ask-for-slips.js';
import {
  type ParticipantView,
  readParticipantsOf,
} from '../../../../engine/intake/slips/read-participants.js';
import { changeSlips } from '../../../../engine/intake/stores/change-settings.js';
import { readStore } from '../../../../engine/intake/stores/store.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { answerStatus } from '../idempotency.js';
import { pageOf } from '../wire/page.js';
import {
  askForSlipsBody,
  participantsAnswer,
  participantsQuery,
  slipRulesAnswer,
  slipRulesBody,
  slipsAskedAnswer,
} from '../wire/participants.js';
import { storeParams } from '../wire/stores.js';
import { toTime, toTimeOrNull } from '../wire/values.js';

const tags = ['stores'];

export function addParticipantRoutes(app: ZodApp, deps: ApiDeps, intake: IntakeContext): void {
  addList(app, deps);
  addAsk(app, intake);
  addRules(app, intake);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/stores/:store/participants',
    {
      config: { access: 'read', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'List the participants that orders name, with their slips',
        params: storeParams,
        querystring: participantsQuery,
        response: { 200: participantsAnswer },
      },
    },
    async ({ params: { store }, query: { cursor, limit, order } }) => {
      await readStore(reads, store);
      const [orderId, lineItem, position] = cursor ?? [-1n, -1n, 0];
      const after = { orderId, lineItem, position };
      const of = order === undefined ? {} : { orderId: order };
      const rows = await readParticipantsOf(reads, store, { ...of, after, limit: limit + 1 });
      const page = pageOf(rows, limit, positionOf, present);
      return { participants: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function positionOf({ orderId, lineItem, position }: ParticipantView): string[] {
  return [orderId, lineItem, position].map(String);
}

function present(row: ParticipantView): z.input<typeof participantsAnswer>['participants'][number] {
  return {
    ...row,
    orderId: row.orderId.toString(),
    lineItem: row.lineItem.toString(),
    fields: { ...row.fields },
    savedAt: toTime(row.savedAt),
    changedAt: toTimeOrNull(row.changedAt),
    removedAt: toTimeOrNull(row.removedAt),
    erasedAt: toTimeOrNull(row.erasedAt),
  };
}

function addAsk(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/slips',
    {
      config: {
        access: 'stores',
        refusals: ['store.not_found', 'store.order_not_found', 'store.order_over'],
      },
      schema: {
        tags,
        summary: 'Mail slips that are held, or mail those of an order again',
        description:
          'Slips of orders that were adopted, imported, replayed or recovered are held: nothing is mailed to customers before this is called. With `preview` it says how many mails it would be.',
        params: storeParams,
        body: askForSlipsBody,
        response: { 200: slipsAskedAnswer },
      },
    },
    async ({ params: { store }, body: { order, again, preview }, idempotency }, reply) => {
      const { replayed, ...asked } = await askForSlips(intake, {
        ...{ store, orderId: order, again, preview },
        ...idempotency,
      });
      return reply.code(answerStatus(reply, replayed, 200)).send(asked);
    },
  );
}

function addRules(app: ZodApp, intake: IntakeContext): void {
  app.put(
    '/v1/stores/:store/slips',
    {
      config: { access: 'stores', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Say which orders have participants, and what their slips say',
        description:
          'It holds for orders that enter the statuses from now on. In the templates `{{name}}`, `{{product}}`, `{{position}}`, `{{order}}`, `{{fields}}`, `{{store}}` and `{{version}}` are filled in.',
        params: storeParams,
        body: slipRulesBody,
        response: { 200: slipRulesAnswer },
      },
    },
    async ({ params: { store }, body: { slips } }) => {
      await changeSlips(intake, store, slips);
      return { changed: true as const };
    },
  );
}
