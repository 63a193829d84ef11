import type { ClientBase } from 'pg';

/** What an account got of an action, in msat, by balance or to a wallet. */
interface Received {
  readonly account: string;
  readonly kind: string;
  readonly amountMsat: bigint;
}

/** Who got what of a paid action, by the kinds of its shares: as it was booked. */
export async function readReceived(
  tx: Pick<ClientBase, 'query'>,
  actionId: string,
  kinds: readonly string[],
): Promise<readonly Received[]> {
  const { rows } = await tx.query<Received>(
    `select g.account, g.kind, sum(g.msat)::bigint as "amountMsat"
     from (
       select o.owner as account, l.kind, l.actual_msat as msat
       from legs l join ledger_accounts o on o.id = l.ledger_account_id
       join attempts a on a.action_id = l.action_id and a.attempt = l.attempt and a.state = 'PAID'
       where l.action_id = $1 and l.side = 'out' and l.kind = any($2::text[]) and o.owner is not null
       union all
       select a.payee, a.payee_kind, l.actual_msat
       from attempts a join legs l on l.action_id = a.action_id and l.attempt = a.attempt and l.kind = 'FORWARD'
       where a.action_id = $1 and a.state = 'PAID' and a.payee_kind = any($2::text[])) g
     where g.msat is not null group by g.account, g.kind order by g.account, g.kind`,
    [actionId, kinds],
  );
  return rows;
}
