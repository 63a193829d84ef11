-- One bound of what the anonymous have left here without paying for it, whichever way it came: arguments of actions, messages of orders and
-- drafts. It takes the place of two, of which each counted only a part.
drop function anonymous_bytes_exceed(bytea, bigint, bigint);

-- In bytes; what is small counts like a page. Called last in the transaction that adds something, which counts too. Null limits are not
-- looked at. Gives what is exceeded; `sum/<origin>`: that origin has the most, and gives way. The sum may be exceeded by as much as comes
-- in at the same time.
create or replace function unpaid_bytes_exceed(of_origin bytea, per_origin bigint, in_sum bigint) returns text language plpgsql as $$
declare
  own bigint;
  everybody bigint;
  most bigint;
  whose bytea;
begin
  if of_origin is null or (per_origin is null and in_sum is null) then return null; end if;
  perform pg_advisory_xact_lock(74218424, hashtext(encode(of_origin, 'hex')));
  with unpaid as materialized (
    select origin, sum(greatest(bytes, 4096))::bigint as bytes from (
      select a.origin, pg_column_size(s.args)::bigint as bytes
      from attempts a join actions s on s.id = a.action_id
      where a.origin is not null and a.state not in ('PAID', 'FAILED')
      union all
      select origin, message_size::bigint from orders where state = 'pending' and origin is not null
      union all
      select origin, octet_length(body)::bigint from order_drafts where origin is not null) u
    group by origin)
  select coalesce((select bytes from unpaid where origin = of_origin), 0), coalesce((select sum(bytes) from unpaid), 0),
    m.bytes, m.origin
  into own, everybody, most, whose
  from (values (1)) one left join lateral (select bytes, origin from unpaid order by bytes desc, origin limit 1) m on true;
  if own > per_origin then return 'origin'; end if;
  if in_sum is null or everybody <= in_sum then return null; end if;
  if whose is null or own >= most then return 'sum'; end if;
  return 'sum/' || encode(whose, 'hex');
end $$;
