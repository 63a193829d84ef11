-- Lots and drains follow from the history and are made again in bulk: checking each row's references one by one costs more than
-- making them, and writes to every row of the history. `quittance credits verify` compares them whole instead.
alter table credit_lots
  drop constraint credit_lots_ledger_credit_ref_credit_index_fkey,
  drop constraint credit_lots_ledger_address_fkey;
alter table credit_past_lots
  drop constraint credit_past_lots_ledger_credit_ref_credit_index_fkey,
  drop constraint credit_past_lots_ledger_address_fkey;
alter table credit_drains
  drop constraint credit_drains_ledger_debit_ref_debit_index_fkey,
  drop constraint credit_drains_ledger_lot_ref_lot_index_fkey,
  drop constraint credit_drains_ledger_address_fkey;
