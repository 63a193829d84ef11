-- What is new for an account is looked up by what is its own: items for which something was paid since, and payments that failed.
create index items_author_stirred on items (author, hot_time) where author is not null and state = 'PAID';
create index items_author_polls on items (author, id) where kind = 'poll' and state = 'PAID';
create index items_replies_paid on items (parent_id, paid_at) where parent_id is not null and state = 'PAID';
