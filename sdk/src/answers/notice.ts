import { z } from 'zod';
import { accountName, id, msatText, nextCursor, rowId, time } from './values.js';

export const noticeAnswer = z
  .object({
    id: rowId
      .nullable()
      .meta({ description: 'Null for a failed payment: it is named by its action.' }),
    kind: z.string().meta({ examples: ['REPLY', 'ZAP', 'FAILED_PAYMENT'] }),
    itemId: rowId.nullable(),
    actionId: id.nullable(),
    attempt: z.int().nullable().meta({ description: 'Of a failed payment.' }),
    by: accountName.nullable().meta({ description: 'Whose doing it is; of several, the latest.' }),
    amountMsat: msatText.nullable().meta({ description: 'Together, of what adds up.' }),
    times: z.int().min(1).meta({ description: 'How many events it tells of.' }),
    detail: z.record(z.string(), z.string()).meta({ examples: [{ reason: 'INVOICE_EXPIRED' }] }),
    at: time,
    read: z.boolean(),
  })
  .meta({ id: 'Notice' });

export const noticePageAnswer = z
  .object({ notices: z.array(noticeAnswer), nextCursor })
  .meta({ id: 'NoticePage' });

export const unreadNoticesAnswer = z
  .object({
    unread: z
      .int()
      .min(0)
      .max(100)
      .meta({ description: 'Notices that were not read; 100 means 100 or more.' }),
  })
  .meta({ id: 'UnreadNotices' });

export const pushSubscriptionAnswer = z
  .object({ id: rowId, endpoint: z.string(), createdAt: time })
  .meta({ id: 'PushSubscription' });

export const pushSubscriptionsAnswer = z.object({
  publicKey: z
    .string()
    .nullable()
    .meta({ description: 'Of the server (VAPID), base64url; null where it sends no pushes.' }),
  subscriptions: z.array(pushSubscriptionAnswer),
});
