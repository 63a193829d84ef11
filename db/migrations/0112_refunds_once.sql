-- no transaction
-- A drain is refunded once. Only refunds are in this index: that of 0020 has a row for every entry of the history, with nothing but null, and
-- PostgreSQL reads a whole ledger by it where its statistics are older than the ledger. One that a try has left behind is not valid.
drop index concurrently if exists credit_history_ledger_refund_once;
create unique index concurrently credit_history_ledger_refund_once
  on credit_history (ledger, refund_debit_ref, refund_debit_index, refund_lot_ref, refund_lot_index)
  where refund_debit_ref is not null;
