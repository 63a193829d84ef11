-- Refunds have an index of their own (0112).
set local lock_timeout = '5s';
do $$
declare
  of_all text;
begin
  select conname into strict of_all from pg_constraint where conrelid = 'credit_history'::regclass and contype = 'u';
  execute format('alter table credit_history drop constraint %I', of_all);
end $$;
