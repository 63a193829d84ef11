import type { ClientBase } from 'pg';
import { WALLET_KINDS } from '../../../adapters/lightning/wallets/port.js';
import { STORED_WALLET, type StoredWallet } from '../../payouts/wallet-secrets.js';
import type { Head } from './read-head.js';
import { type OutgoingStory, ROWS_SHOWN, type SendStory, type WalletTryStory } from './story.js';

/** SQL: the wallet `w`, without what is a secret of its owner. */
const WALLET = `w.kind || ' ' || case when w.kind in ('nwc', 'lnd') then 'number ' || w.id else w.address end`;

export interface WalletOfPayment extends StoredWallet {
  readonly verify: string | null;
}

/** By the attempt's number. */
export interface Outgoing {
  readonly payments: readonly (OutgoingStory & { readonly attempt: number })[];
  /** Of payments to wallets, how they are asked. */
  readonly wallets: ReadonlyMap<string, WalletOfPayment>;
  readonly tries: readonly (WalletTryStory & { readonly attempt: number })[];
}

/** What the attempts of an action pay to the outside, with each send; an order pays nobody. */
export async function readOutgoing(tx: ClientBase, { kind, id }: Head): Promise<Outgoing> {
  if (kind === 'order') return { payments: [], tries: [], wallets: new Map() };
  const { rows } = await tx.query<
    Omit<OutgoingStory, 'sends' | 'node' | 'atPayee'> & { attempt: number }
  >(
    `select p.attempt, p.hash, ${WALLET} as wallet, p.state, p.amount_msat as "amountMsat",
       p.max_fee_msat as "maxFeeMsat", p.fee_msat as "feeMsat", p.max_height as "maxHeight", p.failure
     from payments p left join wallets w on w.id = p.wallet where p.action_id = $1 order by p.created_at limit $2`,
    [id, ROWS_SHOWN],
  );
  const sends = await tx.query<SendStory & { hash: string }>(
    `select s.hash, s.n, s.lease, s.process, s.sent_at as "sentAt", s.answer, s.answered_at as "answeredAt"
     from sends s where s.hash = any($1::text[]) order by s.hash, s.n limit $2`,
    [rows.map(({ hash }) => hash), ROWS_SHOWN],
  );
  const tries = await tx.query<WalletTryStory & { attempt: number }>(
    `select t.attempt, ${WALLET} as wallet, t.failure, t.tried_at as "at"
     from wallet_tries t join wallets w on w.id = t.wallet where t.action_id = $1 order by t.id limit $2`,
    [id, ROWS_SHOWN],
  );
  return {
    payments: rows.map((row) => ({
      ...row,
      ...{ node: { answer: 'not_asked' }, atPayee: 'not_said' },
      sends: sends.rows.filter(({ hash }) => hash === row.hash).map(withoutHash),
    })),
    tries: tries.rows,
    wallets: await readWallets(tx, id),
  };
}

async function readWallets(
  tx: ClientBase,
  actionId: string,
): Promise<ReadonlyMap<string, WalletOfPayment>> {
  const { rows } = await tx.query<WalletOfPayment & { hash: string }>(
    `select p.hash, p.verify, ${STORED_WALLET} from payments p join wallets w on w.id = p.wallet
     where p.action_id = $1 and w.kind = any($2::text[])`,
    [actionId, WALLET_KINDS],
  );
  return new Map(rows.map(({ hash, ...wallet }) => [hash, wallet]));
}

function withoutHash({ n, lease, process, sentAt, answer, answeredAt }: SendStory): SendStory {
  return { n, lease, process, sentAt, answer, answeredAt };
}
