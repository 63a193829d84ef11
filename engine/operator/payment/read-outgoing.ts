import type { ClientBase } from 'pg';
import type { Head } from './read-head.js';
import { type OutgoingStory, ROWS_SHOWN, type SendStory, type WalletTryStory } from './story.js';

/** By the attempt's number. */
export interface Outgoing {
  readonly payments: readonly (OutgoingStory & { readonly attempt: number })[];
  readonly tries: readonly (WalletTryStory & { readonly attempt: number })[];
}

/** What the attempts of an action pay to the outside, with each send; an order pays nobody. */
export async function readOutgoing(tx: ClientBase, { kind, id }: Head): Promise<Outgoing> {
  if (kind === 'order') return { payments: [], tries: [] };
  const { rows } = await tx.query<Omit<OutgoingStory, 'sends'> & { attempt: number }>(
    `select p.attempt, p.hash, w.kind || ' ' || w.address as wallet, p.state, p.amount_msat as "amountMsat",
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
    `select t.attempt, w.kind || ' ' || w.address as wallet, t.failure, t.tried_at as "at"
     from wallet_tries t join wallets w on w.id = t.wallet where t.action_id = $1 order by t.id limit $2`,
    [id, ROWS_SHOWN],
  );
  return {
    payments: rows.map((row) => ({
      ...row,
      sends: sends.rows.filter(({ hash }) => hash === row.hash).map(withoutHash),
    })),
    tries: tries.rows,
  };
}

function withoutHash({ n, lease, process, sentAt, answer, answeredAt }: SendStory): SendStory {
  return { n, lease, process, sentAt, answer, answeredAt };
}
