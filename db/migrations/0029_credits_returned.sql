-- The newest moment at which something came back: what is taken at an earlier one must not find it, and has to be replayed.
alter table credit_accounts add column returned_at timestamptz;
update credit_accounts a set returned_at = h.at
from (
  select ledger, address, max(at) as at from credit_history where refund_debit_ref is not null group by 1, 2) h
where a.ledger = h.ledger and a.address = h.address;
