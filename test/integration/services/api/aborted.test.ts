import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { refusalOf } from '../../../../services/shared/problem.js';
import { waitUntil } from '../../../support/wait-until.js';
import { ApiTester } from './tester.helper.js';

interface Line {
  readonly level: number;
  readonly msg?: string;
}

const DEBUG = 20;
const INFO = 30;
const lines: Line[] = [];
let tester: ApiTester;

beforeAll(async () => {
  const write = (line: string): void => void lines.push(JSON.parse(line) as Line);
  tester = await ApiTester.start({ logger: pino({ level: 'debug' }, { write }) });
});
beforeEach(() => void (lines.length = 0));
afterAll(() => tester.close());

/** Sends the head of a request and a part of its body, and then goes away. */
async function abandon(path: string, type: string, part: string, reset: boolean): Promise<void> {
  const { hostname, port } = new URL(tester.api.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const head = `POST ${path} HTTP/1.1\r\nHost: api\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n`;
  await new Promise<void>((resolve) => socket.write(head + part, () => resolve()));
  // A request that follows on another connection is answered after the first was begun.
  await fetch(`${tester.api.url}/v1/items`);
  if (reset) socket.resetAndDestroy();
  else socket.destroy();
}

const FORM = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhalf of';

it.each([
  ['/v1/actions', 'application/json', '{"type":', false],
  ['/v1/actions', 'application/json', '{"type":', true],
  ['/order', 'application/x-www-form-urlencoded', 'bid=10', true],
  ['/order', 'multipart/form-data; boundary=b', FORM, false],
  ['/order', 'multipart/form-data; boundary=b', FORM, true],
])('a client that goes away in mid-body of %s, %s, is one debug line', async (...asked) => {
  const [path, type, part, reset] = asked;
  await abandon(path, type, part, reset);
  const own = (): Line[] => lines.filter(({ msg }) => msg === 'the client went away');
  await waitUntil('it is logged', () => own().length > 0);
  await fetch(`${tester.api.url}/v1/items`);
  expect(own().map(({ level }) => level)).toEqual([DEBUG]);
  expect(lines.filter(({ level }) => level > INFO)).toEqual([]);
});

it('is not taken for a database that is away', () => {
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
  expect(refusalOf(aborted).code).toBe('request.malformed');
  const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  expect(refusalOf(lost).code).toBe('service.unavailable');
});
