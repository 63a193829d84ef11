import { randomBytes } from 'node:crypto';
import { audit } from '../../../../../engine/audit.js';
import { createAccount } from '../../../../../engine/accounts/accounts.js';
import { expireDueLots, postExpired } from '../../../../../engine/credits/expire.js';
import { grantCredits } from '../../../../../engine/credits/grant.js';
import { transact } from '../../../../../engine/context.js';
import {
  confirmOrder,
  findTransmitted,
} from '../../../../../engine/transmissions/apply-confirmation.js';
import { placeOrder } from '../../../../../engine/transmissions/open-order.js';
import { usOfMs } from '../../../../../domain/credits/time.js';
import { toMsat } from '../../../../../domain/money.js';
import { ALL_REGIONS, REGION_NUMBERS } from '../../../../../domain/transmissions/regions.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../../../engine/actions/fixture.helper.js';

/** Sound data with every flow, every way to end, and something that is still open. */
export async function soundData(): Promise<ActionFixture> {
  const fixture = await ActionFixture.create();
  const author = await fixture.account('author');
  const rich = await fixture.account('rich', 10_000_000n);
  const itemId = await fixture.paidPost(author);
  await fixture.paidPost(author);
  await fixture.open(rich, { ...zapOf(itemId), payment: 'credits' });
  await expireSome(fixture);
  const byAnonymous = await fixture.open(ANONYMOUS, zapOf(itemId));
  await fixture.pay(byAnonymous.view);
  await fixture.deliver();
  await fixture.drive(byAnonymous.view.id);
  await fixture.deliver();
  const expired = await fixture.open(author, { payment: 'invoice' });
  await fixture.passDeadline(expired.view.id);
  await fixture.drive(expired.view.id);
  await fixture.open(author, { payment: 'invoice' });
  await transmitThree(fixture);
  await fixture.pool.query(
    `insert into applied_messages (consumer, message_id) values ('payments', 'a message')`,
  );
  for (const act of ['operator create', 'maintenance on', 'maintenance off']) {
    await audit(fixture.pool, { actor: 'root', role: 'command line', via: 'cli', act });
  }
  await fixture.pool.query('update outbox set published_at = clock_timestamp()');
  return fixture;
}

/** An account with some expired credits. */
async function expireSome({ engine }: ActionFixture): Promise<void> {
  const { id } = await transact(engine, (tx) =>
    createAccount(tx, { name: 'forgetful', role: 'user' }),
  );
  const expiresUs = usOfMs(BigInt(Date.now()) + 3_600_000n);
  for (const expiry of [{ expiresUs }, {}]) {
    const key = `forgetful-${Object.keys(expiry).length}`;
    await transact(engine, (tx) =>
      grantCredits(tx, { accountId: id, amountMsat: toMsat(5_000n), key, ...expiry }),
    );
  }
  await expireDueLots(engine.pool, { limit: 10, now: expiresUs, post: postExpired });
}

/** Three orders; the next one starts when the one before is sent, before it is received. */
async function transmitThree(fixture: ActionFixture): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    const placed = await placeOrder(fixture.engine, {
      channel: 1,
      message: randomBytes(10),
      bidMsat: toMsat(1_000n),
      regions: ALL_REGIONS,
    });
    if ('failed' in placed) throw new Error('the order has no invoice');
    await fixture.wallets.pay({ wallet: 'payer', bolt11: placed.invoice.bolt11 });
  }
  await fixture.deliver();
  for (const txSeqNum of [1, 2, 3]) {
    for (const kind of ['tx', 'rx'] as const) {
      await transact(fixture.engine, async (tx) =>
        confirmOrder(tx, await findTransmitted(tx, { txSeqNum }), {
          kind,
          regions: REGION_NUMBERS,
        }),
      );
    }
  }
}
