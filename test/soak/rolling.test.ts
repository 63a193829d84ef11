import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPort } from '../../services/shared/free-port.js';
import { Teardown } from '../../services/cli/up/teardown.js';
import { System, WALLET } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { Balancer, haproxyOrReason } from './rollout/balancer.js';
import {
  type Build,
  copyOfBuild,
  otherBuild,
  plantOtherCommands,
  quittanceOf,
  THIS_BUILD,
} from './rollout/build.js';
import { Fleet } from './rollout/fleet.js';
import { startLoad } from './rollout/load.js';

const CLIENTS = 10;
/** In the order of the chart's notes: whoever is called before whoever calls. */
const ROLLED = ['lightning', 'relay', 'worker', 'api', 'ground-station'] as const;
const RECOVERY_MS = 120_000;
/** Short, so that what nobody replays is found overdue within the test. */
const EXPIRY = { QUITTANCE_INVOICE_EXPIRY_SECONDS: '20' };

const found = await haproxyOrReason();
const title = typeof found === 'string' ? `a rollout (not run: ${found})` : 'a rollout';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

describe.skipIf(typeof found === 'string')(title, () => {
  let folder: string;
  let system: System;
  let old: Build;
  let fleet: Fleet;
  let balancer: Balancer;
  const teardown = new Teardown();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quittance-rollout-'));
    teardown.add(() => rm(folder, { recursive: true, force: true }));
    old = await otherBuild('old');
    teardown.add(() => old.remove());
    system = await System.start({ environment: EXPIRY });
    teardown.add(() => system.stop());
    const ports: number[] = [];
    while (ports.length < 4) ports.push(await newPort('127.0.0.1', new Set(ports)));
    const [port = 0, ...behind] = ports;
    fleet = new Fleet(system, behind);
    teardown.add(() => fleet.stop());
    await fleet.start(old, ROLLED, 2);
    const { program } = typeof found === 'string' ? { program: '' } : found;
    balancer = await Balancer.start(program, { folder, port, behind });
    teardown.add(() => balancer.stop());
    // What the test itself asks, too: the first API is gone.
    Object.assign(system.parts, { apiUrl: balancer.url });
    Object.assign(system, { operator: system.client(system.parts.operatorToken) });
  });
  afterAll(() => teardown.run());

  test('old → new → old of every process under load: no request fails, nothing is lost or done twice', async () => {
    const load = await startLoad(system, balancer.url, CLIENTS);
    for (const build of [THIS_BUILD, old]) {
      for (const name of ROLLED) {
        const before = load.finished();
        await fleet.roll(build, name);
        expect(fleet.builds(name)).toEqual([build.name, build.name]);
        // Under load on the new mixture, too.
        await waitUntil('some more is paid', () => load.finished() > before + CLIENTS, RECOVERY_MS);
      }
    }
    const { states, failures } = await load.stop();
    const seen = await balancer.failures();
    say(`rollout: ${JSON.stringify({ states, failures: failures.length, ...seen })}`);
    expect(failures).toEqual([]);
    expect(Object.keys(states)).toEqual(['PAID']);
    expect(seen.hrsp_5xx).toBe(0);
    await waitUntilIdle(system, RECOVERY_MS);
    expect(await failedChecks(system)).toEqual([]);
  });

  test('a release that does not replay is refused; rolled out regardless it alerts, and everything finishes after the way back', async () => {
    const planted = await copyOfBuild('planted');
    await plantOtherCommands(planted);
    const author = await system.account('planted-author');
    const open = async (n: number): Promise<{ id: string; bolt11: string }> => {
      const args = { title: `Open while it is rolled out ${n}` };
      const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
      return { id: action.id, bolt11: action.attempts[0]?.invoice?.bolt11 ?? '' };
    };
    const opened = await Promise.all([1, 2, 3, 4, 5, 6].map(open));
    await waitUntil('workflows of them run', () => runningWorkflows(system, opened.length));

    const env = system.processes.relay.spec.env;
    const fits = await quittanceOf(THIS_BUILD, ['deploy', 'check'], env);
    expect(fits.output).toContain('this release fits');
    expect(fits.code).toBe(0);
    const refused = await quittanceOf(planted, ['deploy', 'check'], env);
    expect(refused.code, refused.output).toBe(1);
    expect(refused.output).toMatch(/BROKEN {2}.*action\//);

    await fleet.roll(planted, 'worker');
    // Those of before do not replay there; these are begun there, and do not replay on the way back.
    const begun = await Promise.all([7, 8, 9].map(open));
    const paid = [...opened.slice(0, 4), ...begun.slice(0, 2)];
    for (const { bolt11 } of paid) await system.wallets.pay(WALLET, bolt11);
    const series = await waitUntil(
      'the metric of the alert',
      async () => {
        const text = (await fleet.metrics('worker')).join('\n');
        return /^temporal_workflow_task_execution_failed_total\{[^}]*failure_reason="NonDeterminismError"[^}]*\} [1-9].*$/m.exec(
          text,
        )?.[0];
      },
      60_000,
    );
    say(`planted: ${series}`);

    await fleet.roll(THIS_BUILD, 'worker');
    // As docs/operations.md says: the check names those that were begun there.
    const back = await quittanceOf(THIS_BUILD, ['deploy', 'check'], env);
    const lost = [...back.output.matchAll(/^BROKEN {2}(action\/[^:\s]+): /gm)].map(([, id]) => id);
    say(`planted: ${lost.length} workflows that were begun there are terminated`);
    for (const id of lost) await terminate(system, id ?? '');
    await waitUntilIdle(system, RECOVERY_MS);
    const states = await Promise.all(
      [...opened, ...begun].map(async ({ id }) => (await author.getAction(id)).state),
    );
    say(`planted: ${states.join(' ')}`);
    expect(states.filter((state) => state === 'PAID')).toHaveLength(6);
    expect(states.filter((state) => state === 'FAILED')).toHaveLength(3);
    expect(await failedChecks(system)).toEqual([]);
    await planted.remove();
  });
});

async function runningWorkflows({ pool }: System, wanted: number): Promise<boolean> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from outbox o join attempts a
       on o.subject = 'action/' || a.action_id || '/' || a.attempt
     where o.kind = 'start' and o.published_at is not null and a.due_at is not null`,
  );
  return (rows[0]?.count ?? 0) >= wanted;
}

async function terminate({ servers }: System, workflowId: string): Promise<void> {
  const connection = await Connection.connect({ address: servers.temporalAddress });
  try {
    await new Client({ connection }).workflow.getHandle(workflowId).terminate('does not replay');
  } catch (error) {
    // It had ended by itself.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  } finally {
    await connection.close();
  }
}
