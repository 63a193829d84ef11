-- Legs that are tagged: with the territory whose owner a share is for, and with the action that is paid together with another (a child).

alter table actions
  add column parent uuid references actions,
  add check (parent <> id);
create index actions_children on actions (parent) where parent is not null;

alter table legs
  add column territory text,
  add column child uuid references actions,
  add check (num_nonnulls(territory, child) = 0 or side = 'out');
create unique index legs_one_per_territory on legs (payable, kind, territory, child) nulls not distinct where territory is not null;
create index legs_child on legs (child) where child is not null;

-- A child's shares are all of its cost, within the shares of its parent's.
create function check_child_legs() returns trigger language plpgsql as $$
begin
  if (select sum(planned_msat) from legs where payable = new.payable and child = new.child)
    is distinct from (select cost_msat from actions where id = new.child and parent = new.action_id) then
    raise exception 'the shares of % are not its cost', new.child using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger legs_children after insert on legs
  deferrable initially deferred for each row when (new.child is not null) execute function check_child_legs();

-- Gifts to the rewards pool.
create table donations (
  action_id uuid primary key references actions,
  actor uuid references accounts,
  amount_msat bigint not null check (amount_msat > 0),
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);

-- Invitations: who joins by one gets a gift from its owner, and the owner is the referrer.
create table invites (
  code text primary key check (code ~ '^[a-zA-Z0-9_-]{4,32}$'),
  owner uuid not null references accounts,
  gift_msat bigint not null check (gift_msat > 0 and gift_msat % 1000 = 0),
  most_gifts integer check (most_gifts >= 1),
  gifts integer not null default 0 check (gifts >= 0 and gifts <= most_gifts),
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now()
);
create index invites_owner on invites (owner, created_at desc);

create table invite_gifts (
  action_id uuid primary key references actions,
  code text not null references invites,
  -- Once for each account, whoever invites it.
  invitee uuid not null unique references accounts,
  state text not null check (state in ('PENDING', 'PAID', 'FAILED')),
  created_at timestamptz not null default now()
);
create index invite_gifts_code on invite_gifts (code);

alter table accounts
  add column referrer uuid references accounts,
  add check (referrer <> id);
