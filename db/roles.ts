import pg, { type ClientBase } from 'pg';

/**
 * Roles of a database without LOGIN, for its users to be members of: what processes may do, and what the doctor may. The owner, who
 * migrates, owns the tables. Names are the same in every database of a server.
 */
export const ROLE_NAMES = { runtime: 'quittance_runtime', doctor: 'quittance_doctor' } as const;

/** 42710 and, where two databases of one server make it at once, 23505. */
const EXISTS_ALREADY: ReadonlySet<string | undefined> = new Set(['42710', '23505']);

/** Creates the roles where they are missing and grants what belongs to them. To be run after each migration. */
export async function grantRoles(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'quittance-roles' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const role of Object.values(ROLE_NAMES)) await createRole(client, role);
    await client.query('begin');
    await client.query(GRANTS);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** Whether the roles are there: then migrations grant again. */
export async function rolesExist(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, application_name: 'quittance-roles' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = any($1)', [
      Object.values(ROLE_NAMES),
    ]);
    return rowCount === Object.keys(ROLE_NAMES).length;
  } finally {
    await client.end();
  }
}

async function createRole(client: ClientBase, role: string): Promise<void> {
  await client.query(`create role ${role} nologin`).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && EXISTS_ALREADY.has(error.code)) return;
    throw error;
  });
}

const { runtime, doctor } = ROLE_NAMES;

/**
 * By the catalog, so that a new table needs no new line here: a table is append-only where a trigger refuses its changes. Nobody but
 * the owner may TRUNCATE, add a table, or touch the head of the audit, which its trigger moves with the owner's rights.
 */
const GRANTS = `
  do $$
  declare
    named record;
  begin
    execute format('grant connect on database %I to ${runtime}, ${doctor}', current_database());
    revoke create on schema public from public;
    for named in select nspname from pg_namespace where nspname in ('public', 'lightning_sim') or nspname like 'ext\\_%' loop
      execute format('grant usage on schema %I to ${runtime}, ${doctor}', named.nspname);
      execute format('grant select, insert, update, delete on all tables in schema %I to ${runtime}', named.nspname);
      execute format('grant usage, select on all sequences in schema %I to ${runtime}', named.nspname);
      execute format('grant select on all tables in schema %I to ${doctor}', named.nspname);
      if named.nspname like 'ext\\_%' then
        execute format('revoke insert, update, delete, truncate on %I.schema_migrations from ${runtime}', named.nspname);
      end if;
    end loop;
    for named in
      select distinct t.tgrelid::regclass as name from pg_trigger t
      where t.tgfoid = 'refuse_change'::regproc and not t.tgisinternal
    loop
      execute format('revoke update, delete, truncate on %s from ${runtime}', named.name);
    end loop;
    revoke insert, update, delete, truncate on audit_head, schema_migrations, rotations from ${runtime};
    grant execute on function
      rotate_applied_messages(), rotate_outbox_delivered(interval), analyze_credit_history() to ${runtime};
    revoke update, delete, truncate on installation, api_tokens from ${runtime};
    grant update (revoked_at) on api_tokens to ${runtime};
    revoke select on api_tokens from ${doctor};
    -- Who reads by the command line leaves a row there, too.
    grant insert on audit_log to ${doctor};
    -- Sums of system accounts wait for older transactions, of other users too. Not every owner may grant this: then only those of its
    -- own users are seen.
    begin
      grant pg_read_all_stats to ${runtime}, ${doctor};
    exception when insufficient_privilege then null;
    end;
  end $$`;
