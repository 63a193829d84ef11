import { describe, expect, it } from 'vitest';
import type { Headers } from '../tester.helper.js';
import { startPages, streamsFor, Visitor } from './pages.helper.js';
import { seed } from './seed.helper.js';

describe('pages below a path', () => {
  it('have no link, form or redirect that leads out of it', async () => {
    const below = await startPages({
      pages: { base: '/forum', secureCookies: false, temporalUi: null, eventsMs: 50 },
      streams: streamsFor([{ seq: 1, subject: 'payments.invoice.00ff.settled' }]),
    });
    try {
      const { alice, postId, pollId, order, openHash } = await seed(below);
      const { id } = await below.failed(alice);
      const user = new Visitor(below);
      const operator = new Visitor(below);
      const token = (headers: Headers) => headers['authorization']?.replace('Bearer ', '') ?? '';
      await user.post('/forum/sign-in', { token: token(alice) });
      await operator.post('/forum/sign-in', { token: token(below.operator) });
      const paths = [
        ...['/', '/search?q=hold', `/items/${postId}`, `/items/${pollId}`, '/~lightning', '/@bob'],
        ...['/~lightning/settings', '/territories', '/submit', '/submit/poll', '/sign-in'],
        ...['/satellite', `/satellite/orders/${order}`, `/pay/${openHash}`, `/actions/${id}`],
        ...['/notices', '/me', '/me/statement', '/wallets', '/withdrawals', '/nowhere'],
      ];
      const operators = ['/ops', '/stores', '/stores/shop', '/stores/shop/incidents'];
      const out: string[] = [];
      for (const [visitor, all] of [
        [user, paths],
        [operator, operators],
      ] as const) {
        for (const path of all) {
          const { text, status } = await visitor.get(`/forum${path}`);
          expect(status, path).toBe(path === '/nowhere' ? 404 : 200);
          for (const [, link = ''] of text.matchAll(/(?:href|src|action|events)="(\/[^"]*)"/g)) {
            if (!link.startsWith('/forum/')) out.push(`${path}: ${link}`);
          }
        }
      }
      expect(out).toEqual([]);
      const went = [
        await user.post(`/forum/actions/${id}/retry`, { attempt: '1' }),
        await user.post('/forum/notices/read', { through: new Date().toISOString() }),
        await operator.post('/forum/ops/dead-letters/replay', { seq: '1' }),
        await new Visitor(below).get('/forum/me'),
        await user.post('/forum/sign-out'),
      ];
      for (const { headers, text } of went) {
        expect(String(headers['location']), text).toMatch(/^\/forum\//);
      }
    } finally {
      await below.close();
    }
  });
});
