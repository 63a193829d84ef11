import type { Check } from '../check.js';

const NOTHING_BEFORE = `decode(repeat('00', 32), 'hex')`;

export const auditChecks: readonly Check[] = [
  {
    name: 'the audit is one chain of hashes, without a gap',
    offenders: `
      select id::text as id from (
        select a.id, a.hash, a.previous_hash, audit_hash(a) as recomputed,
          lag(a.hash, 1, ${NOTHING_BEFORE}) over (order by a.id) as hash_before,
          lag(a.id, 1, 0::bigint) over (order by a.id) as id_before
        from audit_log a) chain
      where hash <> recomputed or previous_hash <> hash_before or id <> id_before + 1`,
  },
  {
    name: 'the audit ends where its head says',
    offenders: `
      select h.id::text as id from audit_head h left join audit_log a on a.id = (select max(id) from audit_log)
      where (h.id, h.hash) is distinct from (coalesce(a.id, 0), coalesce(a.hash, ${NOTHING_BEFORE}))`,
  },
  {
    name: 'reversed grants were taken back',
    offenders: `
      select coalesce(r.grant_id::text, e.key) as id from grant_reversals r
      full join (select key from entries where key like 'grant-reversal/%') e on e.key = 'grant-reversal/' || r.grant_id
      where r.grant_id is null or e.key is null`,
  },
];
