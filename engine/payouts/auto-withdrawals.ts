import type { ClientBase, Pool } from 'pg';
import type { Msat } from '../../domain/money.js';

/** Whether an account's sats leave by themselves, and above what. */
export interface AutoWithdrawalSetting {
  /** Null: they stay. */
  readonly thresholdMsat: Msat | null;
  /** Why the newest try opened no withdrawal; null where it did, or there was none. */
  readonly failure: string | null;
}

/** In whole sats; null turns it off. A change is tried at once. */
export async function setAutoWithdrawal(
  tx: ClientBase,
  account: string,
  thresholdMsat: Msat | null,
): Promise<AutoWithdrawalSetting> {
  if (thresholdMsat === null) {
    await tx.query('delete from auto_withdrawals where account = $1', [account]);
  } else {
    await tx.query(
      `insert into auto_withdrawals (account, threshold_msat) values ($1, $2)
       on conflict (account) do update set threshold_msat = excluded.threshold_msat, failure = null,
         not_before = clock_timestamp(), changed_at = clock_timestamp()`,
      [account, thresholdMsat],
    );
  }
  return readAutoWithdrawal(tx, account);
}

export async function readAutoWithdrawal(
  db: Pool | ClientBase,
  account: string,
): Promise<AutoWithdrawalSetting> {
  const { rows } = await db.query<AutoWithdrawalSetting>(
    'select threshold_msat as "thresholdMsat", failure from auto_withdrawals where account = $1',
    [account],
  );
  return rows[0] ?? { thresholdMsat: null, failure: null };
}

/** After one that failed, and after a try in vain. */
const PAUSE = `interval '1 hour'`;

/** SQL: of the setting `w`, none is open and none has failed of late. */
const NONE_NEWER = `not exists (
  select from attempts a where a.action_id = w.last_action
    and (a.state not in ('PAID', 'FAILED') or a.state = 'FAILED' and a.changed_at > clock_timestamp() - ${PAUSE}))`;

/** A setting whose account may have something to withdraw. */
export interface DueAutoWithdrawal {
  readonly accountId: string;
  readonly accountName: string;
  readonly thresholdMsat: Msat;
  readonly balanceMsat: bigint;
}

/**
 * Takes the one that waits for longest, of those that are above their threshold, have a wallet and are not being tried. For as long as
 * `leaseSeconds` nobody else tries it; that saves work and proves nothing.
 */
export async function takeDue(
  tx: ClientBase,
  leaseSeconds: number,
): Promise<DueAutoWithdrawal | undefined> {
  const { rows } = await tx.query<DueAutoWithdrawal>(
    `with due as (
       select w.account, l.balance_msat from auto_withdrawals w
       join ledger_accounts l on l.owner = w.account and l.asset = 'SATS'
       where w.not_before <= clock_timestamp()
         and l.balance_msat - w.threshold_msat >= greatest(100000, w.threshold_msat / 10)
         and exists (select from wallets where owner = w.account and enabled)
         and ${NONE_NEWER} and not exists (select from maintenance_mode)
       order by w.not_before, w.account limit 1 for no key update of w skip locked)
     update auto_withdrawals w set not_before = clock_timestamp() + $1 * interval '1 second'
     from due join accounts a on a.id = due.account where w.account = due.account
     returning w.account as "accountId", a.name as "accountName", w.threshold_msat as "thresholdMsat",
       due.balance_msat as "balanceMsat"`,
    [leaseSeconds],
  );
  return rows[0];
}

/** Its threshold while none is open and none has failed of late; the account is locked, and so is the setting then. */
export async function readEligible(tx: ClientBase, account: string): Promise<Msat | undefined> {
  const { rows } = await tx.query<{ thresholdMsat: Msat }>(
    `select threshold_msat as "thresholdMsat" from auto_withdrawals w where account = $1 and ${NONE_NEWER}
     for no key update of w`,
    [account],
  );
  return rows[0]?.thresholdMsat;
}

export async function noteOpened(tx: ClientBase, account: string, action: string): Promise<void> {
  await tx.query(
    `update auto_withdrawals set last_action = $2, failure = null, not_before = clock_timestamp() where account = $1`,
    [account, action],
  );
}

/** Nothing was opened. It is tried again later, or at once where its setting is changed. */
export async function noteVain(tx: ClientBase, account: string, failure: string): Promise<void> {
  await tx.query(
    `update auto_withdrawals set failure = $2, not_before = clock_timestamp() + ${PAUSE} where account = $1`,
    [account, failure],
  );
}
