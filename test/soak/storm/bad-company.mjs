// node bad-company.mjs <API> <idle connections> <slow connections> <part of a core> <seconds>: keeps connections open that say
// nothing, others that send a head byte by byte, and sends garbage at the rate that takes this part of a core of an empty handler.
// A line "ready" once all have connected, for so many seconds from then on; then a line of JSON with what was sent and answered.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const [api = '', idle, slow, part, seconds] = process.argv.slice(2);
const MEASURED = 3_000;
const AT_ONCE = 32;
/** Short, so that garbage arrives evenly and not in bursts that wait for each other. */
const TICK_MS = 5;
const LOWEST_PRIORITY = 19;
/** As long as the API lets a connection say nothing. */
const ENTER_MS = 20_000;

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
    // Without it, the body is what is looked at.
    ...(n % 2 === 0 ? { authorization: 'x' } : {}),
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
const SLOW_HEAD = 'POST /v1/actions HTTP/1.1\r\nhost: x\r\nx-slow: ';

/** Connections of one kind, opened again whenever the API closes them: it gives up what is too slow. */
class Company {
  open = new Set();
  opened = 0;
  #counts = [];
  #over = false;

  constructor(head) {
    this.head = head;
  }

  /** One after the other: those of one moment would all be closed in one moment, again and again. */
  async enter(count) {
    for (let k = 0; k < count; k += 1) {
      this.#connect();
      await pause(ENTER_MS / count);
    }
  }

  #connect() {
    const socket = connect(Number(port), hostname);
    // The 408 is read, or the end is not seen.
    socket.on('error', () => undefined).resume();
    socket.once('connect', () => {
      this.opened += 1;
      this.open.add(socket);
      socket.write(this.head);
    });
    socket.once('close', () => {
      this.open.delete(socket);
      if (!this.#over) this.#connect();
    });
  }

  count() {
    this.#counts.push(this.open.size);
  }

  get report() {
    const sum = this.#counts.reduce((a, b) => a + b, 0);
    return { average: Math.round(sum / this.#counts.length), opened: this.opened };
  }

  leave() {
    this.#over = true;
    for (const socket of this.open) socket.destroy();
  }
}

const perSecond = (Number(part) * 1000) / (await cost());
// The company is on other machines: its own work must not take from the system's.
setPriority(LOWEST_PRIORITY);
const idlers = new Company('');
const drippers = new Company(SLOW_HEAD);
const dripping = setInterval(() => {
  for (const socket of drippers.open) if (socket.writable) socket.write('x');
}, 500);
await Promise.all([idlers.enter(Number(idle)), drippers.enter(Number(slow))]);
process.stdout.write('ready\n');

const statuses = new Map();
const began = performance.now();
let sent = 0;
let underway = 0;
let due = 0;
while (performance.now() - began < Number(seconds) * 1000) {
  due = ((performance.now() - began) / 1000) * perSecond;
  for (; sent < due && underway < AT_ONCE * 4; sent += 1) {
    underway += 1;
    void garbage(api).then((status) => {
      underway -= 1;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  }
  idlers.count();
  drippers.count();
  await pause(TICK_MS);
}
clearInterval(dripping);
idlers.leave();
drippers.leave();
agent.destroy();
const report = {
  ...{ perSecond: Math.round(perSecond), sent, ofDue: sent / due },
  statuses: Object.fromEntries(statuses),
  idle: idlers.report,
  slow: drippers.report,
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
