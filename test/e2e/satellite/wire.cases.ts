import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { refused, type RunningSatellite } from './running-satellite.helper.js';

/** What no HTTP library hides: requests written byte by byte. */
export function wire(running: () => RunningSatellite): void {
  describe('on the wire', () => {
    let api: RunningSatellite;
    beforeAll(async () => {
      api = running();
      await api.reset();
    });

    /** The whole answer to one request. */
    const raw = (head: string, body: string | Buffer = ''): Promise<string> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(api.base);
        const socket = connect(Number(port), hostname);
        let answer = '';
        socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
        socket.once('error', reject).once('close', () => resolve(answer));
        const bytes = Buffer.from(body);
        socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n`);
        socket.write(`Content-Length: ${bytes.length}\r\n\r\n`);
        socket.write(bytes);
      });
    const posted = async (type: string, body: string | Buffer): Promise<[string, string]> => {
      const answer = await raw(`POST /order HTTP/1.1\r\nContent-Type: ${type}`, body);
      return [answer.slice(9, 12), answer.slice(answer.indexOf('\r\n\r\n') + 4)];
    };

    it('JSON is spelled as Python spells it', async () => {
      const answer = await raw('GET /orders/pending HTTP/1.1');
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer.endsWith('\r\n\r\n[]\n')).toBe(true);
      const opened = await api.open();
      const { text } = await api.get(`/order/${opened.uuid}`, opened.auth_token);
      expect(text).toMatch(
        /"bid": 0, "unpaid_bid": 1000, "bid_per_byte": 0\.0, "message_size": 5, /,
      );
      expect(text).toContain('"regions": [0, 1, 2, 3, 4, 5]');
    });

    it('HEAD answers as GET, without a body; OPTIONS is empty and names the methods', async () => {
      const head = await raw('HEAD /orders/pending HTTP/1.1');
      expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(head.endsWith('\r\n\r\n')).toBe(true);
      const options = await raw('OPTIONS /order HTTP/1.1');
      expect(options).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(options.toLowerCase()).toContain('\r\nallow: post, options\r\n');
      expect(options.endsWith('\r\n\r\n')).toBe(true);
      const wrong = await raw('PUT /order HTTP/1.1');
      expect(wrong).toMatch(/^HTTP\/1\.1 405 /);
      expect(wrong).toContain('{"message": "The method is not allowed for the requested URL."}\n');
    });

    it.each([
      '/',
      '/orders',
      '/orders/',
      '/order/',
      '/nothing',
      '/admin/info',
      '/message/',
      '/callback/a',
    ])('%s is a page that says it does not exist', async (path) => {
      const answer = await raw(`POST ${path} HTTP/1.1`);
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer.toLowerCase()).toContain('content-type: text/html');
      expect(answer).toContain('<h1>Not Found</h1>');
    });

    it.each([
      ['application/json', '{"bid": 1000, "message": "x"}'],
      ['text/plain', 'bid=1000&message=x'],
      ['multipart/form-data', '--b\r\n\r\nx\r\n--b--\r\n'],
      ['multipart/form-data; boundary=b', 'no parts at all'],
      [
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="bid"\r\n\r\n1000\r\n',
      ],
    ])('a body of type %s that is no form counts as none', async (type, body) => {
      const [status, text] = await posted(type, body);
      expect([status, JSON.parse(text)]).toMatchObject(['400', { errors: [{ code: 126 }] }]);
    });

    it('parts may have types of their own, in any charset', async () => {
      const part = (name: string, value: string, more = '') =>
        `--b\r\nContent-Disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`;
      const body = `${part('bid', '1000', 'Content-Type: application/json\r\n')}${part('message', 'hi', 'Content-Type: text/plain; charset=utf-16\r\n')}--b--\r\n`;
      expect((await posted('multipart/form-data; boundary="b"', body))[0]).toBe('200');
      const invalid = Buffer.concat([Buffer.from('bid=1000&message='), Buffer.from([0xff, 0xfe])]);
      expect((await posted('application/x-www-form-urlencoded', invalid))[0]).toBe('200');
      expect(
        (
          await posted('application/x-www-form-urlencoded; charset=nonsense', 'bid=1000&message=x')
        )[0],
      ).toBe('200');
    });

    it('a GET may have a form, with the token in it', async () => {
      const { uuid, auth_token: token } = await api.open();
      const head = `GET /order/${uuid} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded`;
      expect(await raw(head, `auth_token=${token}`)).toContain(uuid);
      expect(await raw(head, 'auth_token=wrong')).toMatch(/^HTTP\/1\.1 401 /);
    });

    it('long and strange parameters are the peer’s refusals', async () => {
      const long = 'a'.repeat(6000);
      await refused(api.get(`/order/${long}`, 'x'), 404, 104);
      await refused(api.get(`/message/${long}`), 404, 114);
      await refused(api.send(`/callback/${long}/${long}`, { method: 'POST' }), 404, 112);
      await refused(api.form('/order', { bid: '9007199254740993', message: 'x' }), 400, 110);
      const digits = await api.form('/order', { bid: '9'.repeat(5000), message: 'x' });
      expect([digits.status, digits.json()]).toEqual([400, { bid: ['Not a valid integer.'] }]);
      expect((await api.get(`/orders/${encodeURIComponent('\0')}`)).status).toBe(404);
      await refused(api.get('/order/%00', 'x'), 404, 104);
      expect((await raw('GET /order/%zz HTTP/1.1')).slice(9, 10)).toBe('4');
    });

    it('waits for a body that is announced by Expect, and takes one in chunks', async () => {
      const body = 'bid=1000&message=x';
      const type = 'Content-Type: application/x-www-form-urlencoded';
      const expected = await raw(`POST /order HTTP/1.1\r\n${type}\r\nExpect: 100-continue`, body);
      expect(expected).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
      const stream = new Blob([body]).stream();
      const init = { method: 'POST', body: stream, duplex: 'half' } as const;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await api.send('/order', { ...init, headers })).status).toBe(200);
    });

    it('public paths are open to pages of any origin', async () => {
      const ask = (path: string) => api.send(path, { headers: { origin: 'https://example.org' } });
      expect((await ask('/orders/pending')).headers.get('access-control-allow-origin')).toBe('*');
      expect(
        (await ask('/admin/orders/pending')).headers.get('access-control-allow-origin'),
      ).toBeNull();
    });

    it('events of the auth channel are refused to the public', async () => {
      for (const path of ['/subscribe/auth', '/subscribe/transmissions,auth']) {
        const answer = await api.get(path);
        expect([answer.status, answer.text]).toEqual([
          401,
          'Operation not supported on the auth channel',
        ]);
      }
    });
  });
}
