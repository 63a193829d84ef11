-- Pages had a list of dismissed failures of their own: the marks of failed payments are the one that everybody reads.
insert into failed_payment_marks (action_id, attempt, dismissed_at)
select distinct on (action_id) action_id, attempt, at from dismissed_failures order by action_id, attempt desc
on conflict (action_id) do update set attempt = excluded.attempt, dismissed_at = excluded.dismissed_at
  where failed_payment_marks.attempt < excluded.attempt
    or (failed_payment_marks.attempt = excluded.attempt and failed_payment_marks.dismissed_at is null);

-- The list itself stays until no process of the release before writes to it.
