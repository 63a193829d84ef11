import { runEffects } from '../../../../engine/actions/run-effects.js';
import { readNotices } from '../../../../engine/actions/read-notices.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import type { ActionFixture } from '../actions/fixture.helper.js';

export const SITE = { url: 'https://site.example' };

/** Everything that is due, as a relay does it. */
export async function doEffects(fixture: ActionFixture): Promise<void> {
  while ((await runEffects(fixture.engine, SITE)) > 0);
}

/** What an account is told, the oldest first: `KIND`, `KIND by name`, with the amount in msat and how often, where there are several. */
export async function toldTo(fixture: ActionFixture, person: Person): Promise<string[]> {
  const notices = await readNotices(fixture.pool, person.id, undefined, 200);
  return notices
    .reverse()
    .map(({ kind, by, amountMsat, times }) =>
      [
        kind,
        ...(by === null ? [] : [`by ${by}`]),
        ...(amountMsat === null || kind === 'FAILED_PAYMENT' ? [] : [amountMsat.toString()]),
        ...(times === 1 ? [] : [`x${times}`]),
      ].join(' '),
    );
}
