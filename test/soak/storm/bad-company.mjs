// node bad-company.mjs <API> <idle connections> <slow connections> <part of a core> <seconds>: keeps connections open that say
// nothing, others that send a head byte by byte, and sends garbage at the rate that takes this part of a core of an empty handler.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const [api = '', idle, slow, part, seconds] = process.argv.slice(2);
const MEASURED = 3_000;
const AT_ONCE = 32;
const TICK_MS = 50;

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const BODIES = ['{', '[', '{"type":1e999}', '\u0000', '{"args":{"title":"x"}}', 'x'.repeat(2_000)];
let n = 0;

/** One bad request; resolves with its status, or 0 without an answer. */
function garbage(url) {
  n += 1;
  const body = BODIES[n % BODIES.length];
  const path = n % 3 === 0 ? `/${n}/%ff/../${n}` : '/v1/actions';
  const headers = {
    'content-type': n % 5 === 0 ? 'text/x' : 'application/json',
    authorization: 'x',
  };
  return new Promise((resolve) => {
    const asked = request(url + path, { method: 'POST', agent, headers }, (answer) => {
      answer
        .resume()
        .on('end', () => resolve(answer.statusCode))
        .on('error', () => resolve(0));
    });
    asked.on('error', () => resolve(0)).end(body);
  });
}

/** How many milliseconds of CPU one bad request costs the framework alone. */
async function cost() {
  const child = fork(new URL('empty-handler.mjs', import.meta.url));
  const [{ port }] = await once(child, 'message');
  const cpu = async () => {
    child.send('cpu');
    const [{ cpuMs }] = await once(child, 'message');
    return cpuMs;
  };
  const send = async (count) => {
    for (let done = 0; done < count; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => garbage(`http://127.0.0.1:${port}`)));
    }
  };
  await send(MEASURED / 3);
  const before = await cpu();
  await send(MEASURED);
  const perRequest = ((await cpu()) - before) / MEASURED;
  child.disconnect();
  return perRequest;
}

const { hostname, port } = new URL(api);
const opened = [];
function open() {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  opened.push(socket);
  return socket;
}

const perSecond = (Number(part) * 1000) / (await cost());
for (let k = 0; k < Number(idle); k += 1) open();
const drippers = Array.from({ length: Number(slow) }, open);
for (const socket of drippers) socket.write('POST /v1/actions HTTP/1.1\r\nhost: x\r\nx-slow: ');
const dripping = setInterval(() => {
  for (const socket of drippers) if (socket.writable) socket.write('x');
}, 500);

const statuses = new Map();
const began = performance.now();
let sent = 0;
let underway = 0;
while (performance.now() - began < Number(seconds) * 1000) {
  const due = ((performance.now() - began) / 1000) * perSecond;
  for (; sent < due && underway < AT_ONCE * 4; sent += 1) {
    underway += 1;
    void garbage(api).then((status) => {
      underway -= 1;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  }
  await pause(TICK_MS);
}
clearInterval(dripping);
for (const socket of opened) socket.destroy();
agent.destroy();
const report = { perSecond: Math.round(perSecond), sent, statuses: Object.fromEntries(statuses) };
process.stdout.write(JSON.stringify(report));
process.exit(0);
