import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';

type Db = Pick<ClientBase, 'query'>;

/** What an account decides of its payments. Amounts in msat. */
export interface AccountSettings {
  readonly receiveCreditsBelowMsat: Msat;
  readonly sendCreditsBelowMsat: Msat;
  readonly hideDescriptions: boolean;
  /** A wallet of the account pays without being asked: what fails is tried again for it. */
  readonly retryAutomatically: boolean;
}

const COLUMNS = `receive_credits_below_msat as "receiveCreditsBelowMsat", send_credits_below_msat as "sendCreditsBelowMsat",
  hide_descriptions as "hideDescriptions", retry_automatically as "retryAutomatically"`;

/** Those that are given are changed; the others stay, or are as the schema says. */
export async function changeSettings(
  tx: Db,
  account: string,
  changes: Partial<AccountSettings>,
): Promise<AccountSettings> {
  await tx.query('insert into account_settings (account) values ($1) on conflict do nothing', [
    account,
  ]);
  const { rows } = await tx.query<AccountSettings>(
    `update account_settings set receive_credits_below_msat = coalesce($2, receive_credits_below_msat),
       send_credits_below_msat = coalesce($3, send_credits_below_msat), hide_descriptions = coalesce($4, hide_descriptions),
       retry_automatically = coalesce($5, retry_automatically)
     where account = $1 returning ${COLUMNS}`,
    [
      ...[account, changes.receiveCreditsBelowMsat ?? null],
      ...[changes.sendCreditsBelowMsat ?? null, changes.hideDescriptions ?? null],
      changes.retryAutomatically ?? null,
    ],
  );
  const [settings] = rows;
  if (settings === undefined) throw new Error('the settings were not written');
  return settings;
}

/** Those of the schema where the account has not decided. */
export async function readSettings(db: Db, account: string): Promise<AccountSettings> {
  const { rows } = await db.query<AccountSettings>(
    `select ${COLUMNS} from account_settings where account = $1
     union all select 10000::bigint, 10000::bigint, false, false limit 1`,
    [account],
  );
  const [settings] = rows;
  if (settings === undefined) throw new Error('there are no settings');
  return settings;
}

/** Whether wallets of the account are told what a payment is for. */
export async function hidesDescriptions(db: Db, account: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'select from account_settings where account = $1 and hide_descriptions',
    [account],
  );
  return rowCount === 1;
}
