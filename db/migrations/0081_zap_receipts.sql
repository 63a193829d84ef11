-- What a payer says of itself (LUD-18), and the zap request of nostr to which a receipt answers (NIP-57): as it was sent, to the letter.
alter table proxy_payments
  add column payer_data text check (length(payer_data) <= 4000),
  add column zap_request text check (length(zap_request) <= 20000);
