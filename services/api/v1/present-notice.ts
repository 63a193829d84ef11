import type { noticeAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type { Notice } from '../../../engine/actions/read-notices.js';
import { toTime } from './wire/values.js';

export function presentNotice(notice: Notice): z.output<typeof noticeAnswer> {
  const { id, itemId, amountMsat, at, detail } = notice;
  const { kind, actionId, attempt, by, times, read } = notice;
  return {
    ...{ kind, actionId, attempt, by, times, read },
    id: id?.toString() ?? null,
    itemId: itemId?.toString() ?? null,
    amountMsat: amountMsat?.toString() ?? null,
    detail: { ...detail },
    at: toTime(at),
  };
}
