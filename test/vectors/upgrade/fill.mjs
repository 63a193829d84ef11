// Adds to the data of the demo of 22da69c what the demo leaves out; see README.md.
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [checkout, dataDir, dump] = process.argv.slice(2).map((path) => resolve(path));
const dist = (path) => import(pathToFileURL(join(checkout, 'dist', 'services', path)).href);
const { startServers } = await dist('cli/servers/start-servers.js');
const { prepareServers } = await dist('cli/up/prepare.js');
const { processEnvironment } = await dist('cli/up/environment.js');
const { prepareProcesses, startProcesses, stopProcesses } = await dist('cli/up/processes.js');
const { QuittanceClient } = await dist('client/index.js');
const { SimulatorWallets } = await dist('shared/lightning/simulator-wallets.js');
const { execFileSync } = await import('node:child_process');
const { default: pg } = await import(
  pathToFileURL(join(checkout, 'node_modules/pg/lib/index.js')).href
);

const report = (line) => console.log(line);
const { signal } = new AbortController();
const servers = await startServers({ dataDir, durable: true, env: process.env, report, signal });
const tokenFile = join(dataDir, 'operator-token');
const operatorToken = await prepareServers(servers, 'default', tokenFile, report);
const database = new pg.Client({ connectionString: servers.databaseUrl });
await database.connect();
const rows = async (sql, values) => (await database.query(sql, values)).rows;

/** One run of all processes with these settings. */
async function run(settings, work) {
  const { variables, apiUrl, lightningUrl } = await processEnvironment(
    { ...process.env, ...settings },
    servers,
  );
  const processes = await prepareProcesses(variables, join(dataDir, 'logs'), {
    report,
    readyMs: 90_000,
    stopMs: 25_000,
  });
  await startProcesses(processes);
  const people = await peopleOf(apiUrl, lightningUrl);
  try {
    await work({ ...people, processes, apiUrl, lightningUrl });
  } finally {
    await stopProcesses(processes);
  }
}

const secrets = { alice: 1, bob: 1, carol: 1 };
async function peopleOf(baseUrl, url) {
  const operator = new QuittanceClient({ baseUrl, token: operatorToken });
  for (const name of Object.keys(secrets)) {
    if (typeof secrets[name] === 'string') continue;
    const account = await operator
      .openAccount({ name })
      .catch(() => operator.issueToken(name, 'upgrade'));
    secrets[name] = account.token;
  }
  const of = (name) => new QuittanceClient({ baseUrl, token: secrets[name] });
  const wallets = new SimulatorWallets({ url, timeoutMs: 10_000 });
  return {
    ...{ operator, alice: of('alice'), bob: of('bob'), carol: of('carol') },
    anonymous: new QuittanceClient({ baseUrl, clientSecret: 'u'.repeat(32) }),
    pay: (bolt11, msat) => wallets.pay('demo-payer', bolt11, msat),
  };
}

const bolt11 = (action) => action.attempts.at(-1).invoice.bolt11;
const post = (title, more) => ({
  type: 'ITEM_CREATE',
  args: { title, text: 'Filled for the upgrade.' },
  payment: 'invoice',
  ...more,
});
const zap = (itemId, sats, more) => ({ type: 'ZAP', args: { itemId, sats }, ...more });

async function until(what, sql, values) {
  const end = Date.now() + 30_000;
  while ((await rows(`select 1 where exists (${sql})`, values)).length === 0) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await pause(50);
  }
  report(what);
}
const untilState = (id, state, attempt = 1) =>
  until(
    `attempt ${state}`,
    'select from attempts where action_id = $1 and attempt = $2 and state = $3',
    [id, attempt, state],
  );
const untilOrder = (id, state) =>
  until(`order ${state}`, 'select from orders where id = $1 and state = $2', [id, state]);

async function json(url, method, body) {
  const response = await fetch(url, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
async function order(apiUrl, message, bid) {
  const body = new URLSearchParams({ bid: String(bid), message });
  const response = await fetch(`${apiUrl}/order`, { method: 'POST', body });
  return response.json();
}
async function cancelOrder(apiUrl, { uuid, auth_token }) {
  const response = await fetch(`${apiUrl}/order/${uuid}`, {
    method: 'DELETE',
    headers: { 'X-Auth-Token': auth_token },
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Money that comes late: the node makes the invoice after the attempt has failed. */
async function paidLate({ alice, bob, pay, lightningUrl }) {
  for (const [who, title, state] of [
    [alice, 'Paid late', 'PAID'],
    [bob, 'Given up, and paid all the same', 'FAILED'],
  ]) {
    const faults = { operation: 'create_invoice', effect: 'late', ms: 5000, answer: 'unavailable' };
    const down = { operation: 'create_invoice', effect: 'unavailable' };
    await json(`${lightningUrl}/control/faults`, 'PUT', {
      seed: 1,
      rules: [{ ...faults, times: 1 }, down],
      events: {},
    });
    const { action } = await who.openAction(post(title));
    if (state === 'PAID') {
      await untilState(action.id, 'FAILED');
    } else {
      // Its author gives it up, and the node knows of no invoice yet.
      await who.cancelAction(action.id).catch((error) => report(String(error)));
      await untilState(action.id, 'FAILED');
    }
    const minted =
      'select s.bolt11 from lightning_sim.invoices s join invoices i on i.hash = s.hash where i.action_id = $1';
    await until('the node made it late', minted, [action.id]);
    const [{ bolt11: late }] = await rows(minted, [action.id]);
    await pay(late);
    if (state === 'PAID') await untilState(action.id, 'PAID', 2);
    else {
      await until(
        'credited',
        `select from attempt_payments where action_id = $1 and direction = 'refund'`,
        [action.id],
      );
    }
    await fetch(`${lightningUrl}/control/faults`, { method: 'DELETE' });
  }
}

await run(
  { QUITTANCE_CREATION_SECONDS: '3', QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '2' },
  async (world) => {
    const expired = await order(world.apiUrl, 'Nobody pays for this one', 2000);
    await paidLate(world);
    await untilOrder(expired.uuid, 'expired');
  },
);

const YEAR = String(366 * 24 * 3600);
await run(
  {
    QUITTANCE_INVOICE_EXPIRY_SECONDS: YEAR,
    QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: YEAR,
    QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: YEAR,
    QUITTANCE_HOLD_SETTLE_SECONDS: YEAR,
    QUITTANCE_CREATION_SECONDS: YEAR,
    QUITTANCE_CONFIRM_TIMEOUT_SECONDS: YEAR,
    QUITTANCE_STATION_SPEEDUP: '100',
  },
  async (world) => {
    const { operator, alice, bob, carol, anonymous, pay, processes, apiUrl } = world;
    const grant = (name, amountMsat, expiresAt) =>
      operator.grantCredits(name, {
        amountMsat,
        reason: 'welcome',
        ...(expiresAt && { expiresAt }),
      });
    await grant('carol', '4000', '2099-12-31T00:00:00Z');
    await grant('carol', '3000');
    await grant('carol', '2500', new Date(Date.now() + 3000).toISOString());
    const { action: spent } = await carol.openAction(
      post('Paid by credits', { payment: 'credits' }),
    );
    report(`by credits: ${spent.state}`);
    const { itemId } = spent.result;
    await grant('bob', '50000', '2099-12-31T00:00:00Z');

    // Transmissions.
    const send = async (message, state, misses = []) => {
      const placed = await order(apiUrl, message, 5000);
      for (const miss of misses) {
        const url = `${processes['ground-station'].url}/simulator/miss`;
        await json(url, 'POST', { uuid: placed.uuid, times: 1, ...miss });
      }
      if (state !== 'pending') await pay(placed.lightning_invoice.payreq);
      await untilOrder(placed.uuid, state);
      return placed;
    };
    await send('Received everywhere', 'received');
    await send('Sent everywhere', 'sent', [{ region: 0, kind: 'rx' }]);
    await send('Sent to all but one', 'confirming', [{ region: 1, kind: 'tx' }]);
    await cancelOrder(apiUrl, await send('Cancelled unpaid', 'pending'));
    await processes['ground-station'].stop();
    await send('On the air', 'transmitting');
    await send('Paid, and waits for the channel', 'paid');
    await cancelOrder(apiUrl, await send('Paid, then cancelled', 'paid'));
    await send('Pending', 'pending');

    // Attempts.
    const opened = async (who, request) => (await who.openAction(request)).action;
    const expires = await opened(alice, post('Expired', { invoiceExpirySeconds: 1 }));
    await untilState(expires.id, 'FAILED');
    await alice.cancelAction((await opened(alice, post('Given up'))).id);
    const over = await opened(alice, post('Overpaid'));
    await pay(bolt11(over), BigInt(over.costMsat) + 300n);
    await untilState(over.id, 'PAID');
    const overAnonymous = await opened(anonymous, zap(itemId, 3));
    await pay(bolt11(overAnonymous), 3500n);
    await untilState(overAnonymous.id, 'PAID');
    const anonymousPost = await opened(anonymous, post('By nobody'));
    await pay(bolt11(anonymousPost), BigInt(anonymousPost.costMsat) + 1n);
    await untilState(anonymousPost.id, 'PAID');

    await opened(alice, post('Pending'));
    await opened(bob, zap(itemId, 7, { payment: 'invoice' }));
    // An item without an author.
    const [item] = await rows('select id::text from items where action_id = $1', [
      anonymousPost.id,
    ]);
    await opened(anonymous, zap(item.id, 5));
    await opened(anonymous, zap(itemId, 11));
    const cancelled = await opened(carol, post('Being cancelled'));
    await processes.worker.stop();
    const holds = [
      await opened(anonymous, zap(itemId, 21)),
      await opened(anonymous, post('Held by its payer')),
    ];
    for (const held of holds) {
      await pay(bolt11(held));
      await untilState(held.id, 'HELD');
    }
    await processes.relay.stop();
    await pay(bolt11(await opened(bob, post('Paid at the node, which we do not know yet'))));
    await pay(bolt11(await opened(anonymous, zap(itemId, 19))));
    await processes.lightning.stop();
    await alice.openAction(post('Without an invoice')).catch((error) => report(String(error)));
    await anonymous.openAction(zap(itemId, 23)).catch((error) => report(String(error)));
    await carol.cancelAction(cancelled.id).catch((error) => report(String(error)));
    report(JSON.stringify(await order(apiUrl, 'Without an invoice', 2000).catch(String)));
  },
);

report(
  JSON.stringify(
    await rows('select state, flow, count(*)::int as n from attempts group by 1, 2 order by 1, 2'),
  ),
);
report(
  JSON.stringify(await rows('select state, count(*)::int as n from orders group by 1 order by 1')),
);
await database.end();
const flags = ['--no-owner', '--no-privileges', '--rows-per-insert=200', '--file', dump];
execFileSync('pg_dump', [...flags, servers.databaseUrl], { stdio: 'inherit' });
await servers.stop();
