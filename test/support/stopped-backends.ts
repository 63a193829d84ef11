import type { Pool } from 'pg';

/** Stops (SIGSTOP) the server processes of all connections with this application name; `continue` lets them go on. */
export async function stopBackends(
  admin: Pool,
  applicationName: string,
): Promise<{ readonly count: number; readonly continue: () => void }> {
  const { rows } = await admin.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and application_name = $1`,
    [applicationName],
  );
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  return {
    count: rows.length,
    continue: () => {
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
    },
  };
}
