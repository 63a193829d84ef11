-- Every act of operators and of the command line: who, from where, what, to whom, why. Each row holds the hash of the one before.
create table audit_log (
  id bigint primary key,
  at timestamptz not null,
  actor_id uuid references accounts,
  -- An account's name, or a user of the command line's machine.
  actor text not null,
  role text not null,
  -- The first digits of the token's hash: names it, and gives nothing away.
  token text check (token ~ '^[0-9a-f]{16}$'),
  via text not null check (via in ('http', 'cli')),
  address text,
  act text not null,
  target text not null default '',
  because text,
  detail jsonb not null default '{}',
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);
create index audit_log_target on audit_log (target, id);
create index audit_log_actor on audit_log (actor, id);

-- The newest row's number and hash. Its lock puts the rows in order; without it, rows cut off at the end would not be missed.
create table audit_head (
  singleton boolean primary key default true check (singleton),
  id bigint not null,
  hash bytea not null check (octet_length(hash) = 32)
);
insert into audit_head (id, hash) values (0, decode(repeat('00', 32), 'hex'));

create function audit_hash(r audit_log) returns bytea language sql stable as $$
  select sha256(r.previous_hash || convert_to(jsonb_build_array(
    r.id, (extract(epoch from r.at) * 1000000)::bigint, r.actor_id, r.actor, r.role, r.token, r.via, r.address, r.act,
    r.target, r.because, r.detail)::text, 'UTF8'))
$$;

-- With the rights of its owner: whoever adds a row cannot change the head otherwise.
create function chain_audit() returns trigger language plpgsql security definer set search_path from current as $$
declare
  head audit_head;
begin
  select * into strict head from audit_head for update;
  new.id := head.id + 1;
  new.at := clock_timestamp();
  new.previous_hash := head.hash;
  new.hash := audit_hash(new);
  update audit_head set id = new.id, hash = new.hash;
  return new;
end $$;
create trigger audit_log_chained before insert on audit_log for each row execute function chain_audit();
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function refuse_change();
