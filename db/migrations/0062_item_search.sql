-- Search over what everybody can see. Words as they are written: texts are of any language.
alter table items add column words tsvector generated always as (
  setweight(to_tsvector('simple', coalesce(title, '')), 'A') || setweight(to_tsvector('simple', text), 'B')) stored;
create index items_words on items using gin (words) where state = 'PAID' and deleted_at is null;
