import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

/**
 * Closing waits for the answers in progress and nothing else. By default it would also wait for connections that are kept alive
 * after an answer, or that never sent a request: longer than a process may take to stop.
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
    const looking = setInterval(() => {
      if (inProgress === 0) app.server.closeAllConnections();
    }, LOOK_EVERY_MS);
    app.server.once('close', () => clearInterval(looking));
    if (!app.server.listening) clearInterval(looking);
    done();
  });
}
