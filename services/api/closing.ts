import type { FastifyInstance } from 'fastify';

const CHECK_INTERVAL_MS = 50;

/**
 * Makes closing wait only for requests in progress. By default it would also wait for idle keep-alive connections, longer than a
 * process may take to stop.
 */
export function closeOnceAnswered(app: FastifyInstance): void {
  let inProgress = 0;
  let closing = false;
  app.addHook('onRequest', (_request, reply, done) => {
    inProgress += 1;
    reply.raw.once('close', () => (inProgress -= 1));
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', (done) => {
    closing = true;
    const timer = setInterval(() => {
      if (inProgress === 0) app.server.closeAllConnections();
    }, CHECK_INTERVAL_MS);
    app.server.once('close', () => clearInterval(timer));
    if (!app.server.listening) clearInterval(timer);
    done();
  });
}
