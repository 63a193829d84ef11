import type { ClientBase, Pool } from 'pg';
import { Refusal } from '../domain/refusal.js';

/** While it is on, nothing new asks the node for an invoice: payments are by balance only. What is open goes on. */
export interface MaintenanceMode {
  readonly since: Date;
  readonly because: string;
}

type Db = Pool | ClientBase;

/** Undefined while it is off. */
export async function readMaintenance(db: Db): Promise<MaintenanceMode | undefined> {
  const { rows } = await db.query<MaintenanceMode>('select since, because from maintenance_mode');
  return rows[0];
}

/** Where it is on already, only the reason is replaced. */
export async function turnMaintenanceOn(db: Db, because: string): Promise<void> {
  await db.query(
    `insert into maintenance_mode (because) values ($1)
     on conflict (singleton) do update set because = excluded.because`,
    [because],
  );
}

/** What was on; undefined where it was off. */
export async function turnMaintenanceOff(db: Db): Promise<MaintenanceMode | undefined> {
  const { rows } = await db.query<MaintenanceMode>(
    'delete from maintenance_mode returning since, because',
  );
  return rows[0];
}

/** Throws Refusal `service.maintenance` while it is on. */
export async function refuseInMaintenance(tx: ClientBase): Promise<void> {
  if ((await readMaintenance(tx)) !== undefined) throw inMaintenance();
}

export function inMaintenance(): Refusal {
  return new Refusal(
    'service.maintenance',
    'no new invoices for now: pay by balance, or try again later',
  );
}
