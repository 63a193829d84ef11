import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

/**
 * Closing waits for the answers under way and for nothing else. By itself it would wait for connections that are kept alive
 * after such an answer, or on which nothing was ever asked: longer than a process may take to stop.
 */
export function closeOnceAnswered(app: FastifyInstance): void {
  let underWay = 0;
  let closing = false;
  app.addHook('onRequest', (_request, reply, done) => {
    underWay += 1;
    reply.raw.once('close', () => (underWay -= 1));
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', (done) => {
    closing = true;
    const looking = setInterval(() => {
      if (underWay === 0) app.server.closeAllConnections();
    }, LOOK_EVERY_MS);
    app.server.once('close', () => clearInterval(looking));
    if (!app.server.listening) clearInterval(looking);
    done();
  });
}
