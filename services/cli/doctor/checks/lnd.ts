import type { ClientBase } from 'pg';
import type { LndChannel } from '../../../../adapters/lightning/lnd/channel.js';
import { settledInvoices } from '../../../../adapters/lightning/lnd/settled-invoices.js';
import { LightningError, type LightningPort } from '../../../../adapters/lightning/port.js';
import { type ExpectedNodeConfig, wellNode } from '../../../shared/node-health.js';
import { type Finding, findingOf, type Settings } from '../check.js';

const WELL = 'lnd is the node that is expected, unlocked and synced';
const SAME_INVOICES = "lnd's settled invoices equal ours";
const SAME_PAYMENTS = "lnd's payments ended as ours";
const KEPT_PAYMENTS = 'lnd has kept the payments that it made for us';
const DELETED =
  'somebody deletes payments at lnd, or it was restored: let no macaroon have offchain:write or DeletePayment, or bring the right node back (docs/lightning.md)';

/** A real node, and which one it has to be. */
export interface RealNode {
  readonly port: Pick<LightningPort, 'info' | 'lookupPayment'>;
  readonly channel: LndChannel;
  readonly expected: ExpectedNodeConfig;
}

/** The newest ones: each is a question. */
const PAYMENTS_ASKED = 500;

/** Ours are read in the caller's snapshot, which is older than what lnd says. */
export async function checkLnd(
  tx: Pick<ClientBase, 'query'>,
  node: RealNode,
  settings: Settings,
): Promise<Finding[]> {
  const trouble = await wellNode(node.expected, node.port).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (trouble !== undefined) {
    const found = { count: 0, ids: [] };
    return [
      { check: WELL, verdict: 'BROKEN', ...found, note: trouble },
      { check: SAME_INVOICES, verdict: 'unchecked', ...found, note: trouble },
      { check: SAME_PAYMENTS, verdict: 'unchecked', ...found, note: trouble },
      { check: KEPT_PAYMENTS, verdict: 'unchecked', ...found, note: trouble },
    ];
  }
  const { publicKey } = await node.port.info();
  return [
    findingOf(WELL, [], false),
    await compare(SAME_INVOICES, () => differentInvoices(tx, node, publicKey, settings)),
    ...(await comparePayments(tx, node, publicKey)),
  ];
}

async function compare(check: string, differences: () => Promise<string[]>): Promise<Finding> {
  try {
    return findingOf(check, await differences(), false);
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    return { check, verdict: 'unchecked', count: 0, ids: [], note: error.message };
  }
}

/** Hashes that are settled on one side only, or with another amount. Invoices of others do not count. */
async function differentInvoices(
  tx: Pick<ClientBase, 'query'>,
  { channel }: RealNode,
  node: string,
  { graceSeconds }: Settings,
): Promise<string[]> {
  const { rows } = await tx.query<{ hash: string; state: string; received_msat: bigint }>(
    `select hash, state, received_msat from invoices
      where gateway is null and bolt11 is not null and coalesce(node, $1) = $1`,
    [node],
  );
  const ours = new Map(rows.map((row) => [row.hash, row]));
  const settledBefore = Date.now() - graceSeconds * 1000;
  const different: string[] = [];
  for await (const { hash, receivedMsat, settledAt } of settledInvoices(channel)) {
    const row = ours.get(hash);
    ours.delete(hash);
    if (row === undefined) continue;
    const isSame = row.state === 'settled' && row.received_msat === receivedMsat;
    const isLate = row.state === 'settled' || settledAt.getTime() < settledBefore;
    if (!isSame && isLate) different.push(hash);
  }
  const onlyHere = [...ours.values()].filter(({ state }) => state === 'settled');
  return [...different, ...onlyHere.map(({ hash }) => hash)];
}

/** Failed ones may be deleted, and what an operator has decided, lnd need not know. Our books are right without it: a warning. */
async function comparePayments(
  tx: Pick<ClientBase, 'query'>,
  { port }: RealNode,
  node: string,
): Promise<Finding[]> {
  const { rows } = await tx.query<{ hash: string; state: string; decided: boolean }>(
    `select p.hash, p.state, p.forgotten_at is not null as decided from payments p
      where p.state <> 'open' and coalesce(p.node, $2) = $2 and exists (select from sends where hash = p.hash)
      order by p.changed_at desc limit $1`,
    [PAYMENTS_ASKED, node],
  );
  const different: string[] = [];
  const deleted: string[] = [];
  const compared = await compare(SAME_PAYMENTS, async () => {
    for (const { hash, state, decided } of rows) {
      const shown = await port.lookupPayment(hash);
      const isPaid = state === 'succeeded';
      if (shown === undefined && isPaid && !decided) deleted.push(hash);
      else if (shown !== undefined && shown.state !== state) different.push(hash);
    }
    return different;
  });
  if (compared.verdict === 'unchecked') return [compared, { ...compared, check: KEPT_PAYMENTS }];
  const kept = findingOf(KEPT_PAYMENTS, deleted, true);
  return [compared, deleted.length === 0 ? kept : { ...kept, note: DELETED }];
}
