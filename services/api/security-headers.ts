import type { FastifyInstance } from 'fastify';

/** Answers are data: no browser runs anything of them, or shows them in a frame. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
/** The documentation loads its own scripts and calls this API; its styles are partly inline. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers by which a browser does not guess types, frame our pages or run what an answer holds. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const isDocs = path === '/docs' || path.startsWith('/docs/');
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': isDocs ? DOCS_POLICY : DATA_POLICY,
      'referrer-policy': 'no-referrer',
    });
    done();
  });
}
