-- The address of a wallet over NWC or lnd is a secret of its owner: it is encrypted in `sealed`, and `address` is its hash, by which it
-- is found again. What an older release still writes as it is, relays encrypt within a minute.
alter table wallets
  -- Version of the key, nonce and tag are 29 bytes.
  add column sealed bytea check (octet_length(sealed) > 29),
  add constraint wallets_sealed check (sealed is null or
    (kind in ('nwc', 'lnd') and address ~ '^sha256:[0-9a-f]{64}(/[0-9]+)?$'));

create index wallets_plain on wallets (id) where sealed is null and kind in ('nwc', 'lnd');
