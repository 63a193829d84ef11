-- Since when the node says that it does not know a payment which it had begun: a wrong or a restored node. An operator has to decide.
alter table payments add column forgotten_at timestamptz;
