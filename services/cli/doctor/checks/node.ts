import type { ClientBase } from 'pg';
import { LightningError } from '../../../../adapters/lightning/port.js';
import type { SimulatorControl } from '../../../../adapters/lightning/simulator-client/simulator-control.js';
import { type Finding, findingOf, type Settings } from '../check.js';

const OWN_BOOKS = "the simulated node's own books add up";
const SAME_BOOKS = "the simulated node's settled invoices equal ours";

export const NODE_CHECKS = [OWN_BOOKS, SAME_BOOKS] as const;

/**
 * Ours are read first, in the caller's snapshot. A settled invoice stays settled, so each of ours must
 * be settled at the node; those that the node settled within the grace may not be ours yet.
 */
export async function checkNode(
  tx: Pick<ClientBase, 'query'>,
  control: SimulatorControl,
  { graceSeconds }: Settings,
): Promise<Finding[]> {
  const ours = await settledHere(tx);
  try {
    const { wrongBalances, wrongInvoices, conserved } = await control.recount();
    const wrong = [...wrongBalances, ...wrongInvoices];
    const own = wrong.length === 0 && !conserved ? ['the sum of all money'] : wrong;
    const different = await differences(ours, control, graceSeconds);
    return [findingOf(OWN_BOOKS, own, false), findingOf(SAME_BOOKS, different, false)];
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    const note = `no simulated node answered with its books: ${error.message}`;
    return NODE_CHECKS.map((check) => ({ check, verdict: 'skipped', count: 0, ids: [], note }));
  }
}

async function settledHere(tx: Pick<ClientBase, 'query'>): Promise<Map<string, bigint>> {
  const { rows } = await tx.query<{ hash: string; received_msat: bigint }>(
    `select hash, received_msat from invoices where state = 'settled' and gateway is null`,
  );
  return new Map(rows.map((row) => [row.hash, row.received_msat]));
}

/** The hashes of invoices that are settled on one side only, or with another amount. */
async function differences(
  ours: Map<string, bigint>,
  control: SimulatorControl,
  graceSeconds: number,
): Promise<string[]> {
  const different: string[] = [];
  const settledBefore = Date.now() - graceSeconds * 1000;
  for await (const { hash, receivedMsat, settledAt } of control.settled()) {
    const amount = ours.get(hash);
    ours.delete(hash);
    if (amount === undefined ? settledAt.getTime() < settledBefore : amount !== receivedMsat) {
      different.push(hash);
    }
  }
  return [...different, ...ours.keys()];
}
