import type { ownStateAnswer } from '@quittance/sdk/answers';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { readCredits, readSats } from '../../../engine/accounts/accounts.js';
import { listActions } from '../../../engine/actions/list-actions.js';
import { countUnread } from '../../../engine/actions/read-notices.js';
import { presentAction } from './present-action.js';

const OPEN = 100;
const NEWEST = 20;

/** What an account follows of itself. */
export async function readOwnState(
  reads: Pool,
  account: string,
): Promise<z.output<typeof ownStateAnswer>> {
  const [creditsMsat, satsMsat, unread, open, newest] = await Promise.all([
    readCredits(reads, account),
    readSats(reads, account),
    countUnread(reads, account),
    listActions(reads, account, { state: 'open', limit: OPEN }),
    listActions(reads, account, { limit: NEWEST }),
  ]);
  return {
    creditsMsat: creditsMsat.toString(),
    satsMsat: satsMsat.toString(),
    unreadNotices: unread,
    open: open.map(({ view }) => presentAction(view)),
    newest: newest.map(({ view }) => presentAction(view)),
  };
}
