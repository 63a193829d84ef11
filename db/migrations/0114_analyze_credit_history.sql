-- A rebuild or verification tells PostgreSQL first what the history is like, which may have just been brought in. Only the owner of a table may.
do $$ begin
  execute format($f$
    create function analyze_credit_history() returns void language plpgsql
      security definer set search_path = %I, pg_temp as 'begin analyze credit_history (ledger, address); end'
  $f$, current_schema());
end $$;
revoke execute on function analyze_credit_history() from public;
