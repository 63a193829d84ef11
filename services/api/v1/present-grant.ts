import type { grantAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import { isoOfUs } from '../../../domain/credits/time.js';
import type { GrantView } from '../../../engine/credits/read-grants.js';
import { toTime } from './wire/values.js';

export function presentGrant(view: GrantView): z.output<typeof grantAnswer> {
  const { id, account, asset, reason, state } = view;
  return {
    ...{ id, account, asset, reason, state },
    amountMsat: view.amountMsat.toString(),
    creditsMsat: view.creditsMsat.toString(),
    satsMsat: view.satsMsat.toString(),
    createdAt: toTime(view.createdAt),
    expiresAt: view.expiresUs === null ? null : isoOfUs(view.expiresUs),
  };
}
