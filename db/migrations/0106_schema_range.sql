-- Which releases run on this schema: those that have the migration of this number or a later one as their newest. A migration that
-- takes away what an earlier release still uses raises it; one that only adds does not.
alter table installation add column fits_from integer not null default 93 check (fits_from > 0);
