-- A rebuild or verification tells PostgreSQL first what the history is like, which may have just been brought in. Only the owner of a table may.
-- Where a vacuum holds it for long, it goes on with the statistics there are.
do $$ begin
  execute format($f$
    create function analyze_credit_history() returns void language plpgsql
      security definer set search_path = %I, pg_temp set lock_timeout = '2s' as '
    begin
      analyze credit_history (ledger, address);
    exception when lock_not_available then null;
    end'
  $f$, current_schema());
end $$;
revoke execute on function analyze_credit_history() from public;
