-- The page of withdrawals lists those of an account, however many other actions it has opened.
create index actions_withdrawals on actions (actor, created_at desc, id desc) where type in ('WITHDRAWAL', 'AUTO_WITHDRAWAL');
