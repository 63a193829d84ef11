-- What an order owes is also paid to an invoice, for somebody without an account: an account of the order's own collects it first. Nobody
-- has a token of that account: only the order's token moves its sats.
create table order_purses (
  order_id uuid primary key references orders on delete cascade,
  account_id uuid not null unique references accounts
);

create function refuse_token_of_purse() returns trigger language plpgsql as $$
begin
  if exists (select from order_purses where account_id = new.account_id) then
    raise exception 'the account of an order has no token' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger api_tokens_of_no_purse before insert on api_tokens
  for each row execute function refuse_token_of_purse();
