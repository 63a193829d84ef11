-- Where a payee's wallet says whether it was paid (LUD-21), where it offers that. For people: it decides nothing.
alter table payments add column verify text check (length(verify) <= 2048);
