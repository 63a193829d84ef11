-- What ended by a call of ours while nobody watched the node is looked for, and told too.
create index lightning_journal_hash on lightning_journal (hash);
create index invoices_ended on invoices (changed_at) where state in ('settled', 'canceled') and gateway is null and bolt11 is not null;
create index payments_ended on payments (changed_at) where state <> 'open';
