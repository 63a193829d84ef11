-- Texts that stand in an index are bounded: PostgreSQL refuses longer ones with errors that look like faults of ours. Rows from
-- before are left as they are.
alter table applied_messages add constraint applied_messages_id_bounded
  check (char_length(message_id) between 1 and 255) not valid;
