import { describe, expect, test } from 'vitest';
import { NO_JOURNAL } from '../../../../../adapters/lightning/lnd/journal.js';
import { LndNode } from '../../../../../adapters/lightning/lnd/lnd-node.js';
import type { Finding } from '../../../../../services/cli/doctor/check.js';
import { checkLnd } from '../../../../../services/cli/doctor/checks/lnd.js';
import { AT_REST_GRACE_SECONDS } from '../../../../../services/cli/doctor/run-checks.js';
import { Paying } from './paying.helper.js';
import type { Stand } from './stand.helper.js';

const WELL = 'lnd is the node that is expected, unlocked and synced';
const INVOICES = "lnd's settled invoices equal ours";
const PAYMENTS = "lnd's payments ended as ours";
const KEPT = 'lnd has kept the payments that it made for us';

/** On a stand where nothing else has happened yet. */
export function doctorOnLnd(at: () => Stand): void {
  /** What the doctor finds after these statements, which run without triggers and are rolled back. */
  async function findingsAfter(
    statements: readonly (readonly [string, ...unknown[]])[],
    lightningNode?: string,
  ): Promise<readonly Pick<Finding, 'check' | 'verdict' | 'ids'>[]> {
    const { fixture, network } = at();
    const { channel } = network.alice;
    const tx = await fixture.pool.connect();
    try {
      await tx.query('begin');
      await tx.query('set local session_replication_role = replica');
      for (const [text, ...values] of statements) {
        expect((await tx.query(text, values)).rowCount, text).toBe(1);
      }
      const expected = { lightningNode, lightningNetwork: undefined };
      const node = { channel, port: new LndNode(channel, NO_JOURNAL), expected };
      const settings = { outboxKeepHours: 24, graceSeconds: AT_REST_GRACE_SECONDS };
      const findings = await checkLnd(tx, node, settings);
      expect(findings.map(({ check }) => check)).toEqual([WELL, INVOICES, PAYMENTS, KEPT]);
      return findings
        .filter(({ verdict }) => verdict !== 'ok')
        .map(({ check, verdict, ids }) => ({ check, verdict, ids }));
    } finally {
      await tx.query('rollback');
      tx.release();
    }
  }

  describe('the doctor on lnd', () => {
    let zap: string;
    let unpaid: string;
    let withdrawal: string;

    test('finds nothing where both say the same', async () => {
      const paying = new Paying(at());
      const held = await paying.heldZap();
      await paying.hold(held);
      await at().callUntil('settle_invoice', held.hash);
      const paid = await paying.withdrawal('succeed');
      await at().callUntil('send_payment', paid.hash);
      [zap, unpaid, withdrawal] = [held.hash, (await paying.heldZap()).hash, paid.hash];
      expect([await paying.state(held), await paying.state(paid)]).toEqual(['PAID', 'PAID']);
      expect(await findingsAfter([])).toEqual([]);
    });

    test('finds what lnd has settled and we have not, or with another amount', async () => {
      const found = [{ check: INVOICES, verdict: 'BROKEN', ids: [zap] }];
      const open = `update invoices set state = 'open' where hash = $1`;
      expect(await findingsAfter([[open, zap]])).toEqual(found);
      const more = 'update invoices set received_msat = received_msat + 1 where hash = $1';
      expect(await findingsAfter([[more, zap]])).toEqual(found);
    });

    test('finds what we have settled and lnd has not', async () => {
      const settled = `update invoices set state = 'settled', received_msat = amount_msat where hash = $1`;
      expect(await findingsAfter([[settled, unpaid]])).toEqual([
        { check: INVOICES, verdict: 'BROKEN', ids: [unpaid] },
      ]);
    });

    test('finds a payment that has ended otherwise', async () => {
      const failed = `update payments set state = 'failed', failure = 'no_route', fee_msat = null where hash = $1`;
      expect(await findingsAfter([[failed, withdrawal]])).toEqual([
        { check: PAYMENTS, verdict: 'BROKEN', ids: [withdrawal] },
      ]);
    });

    test('does not ask it about what another node did', async () => {
      const other = await at().network.bob.publicKey();
      expect(
        await findingsAfter([
          [
            `update invoices set state = 'settled', received_msat = amount_msat, node = $2 where hash = $1`,
            unpaid,
            other,
          ],
          [
            `update payments set state = 'failed', failure = 'no_route', fee_msat = null, node = $2 where hash = $1`,
            ...[withdrawal, other],
          ],
        ]),
      ).toEqual([]);
    });

    test('compares nothing with another node', async () => {
      const other = await at().network.bob.publicKey();
      expect(await findingsAfter([], other)).toEqual([
        { check: WELL, verdict: 'BROKEN', ids: [] },
        { check: INVOICES, verdict: 'unchecked', ids: [] },
        { check: PAYMENTS, verdict: 'unchecked', ids: [] },
        { check: KEPT, verdict: 'unchecked', ids: [] },
      ]);
    });
  });
}
