import type { FastifyInstance } from 'fastify';

/** What a client may still send after its body was refused. Closed at once, it would see a reset instead of the answer. */
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_MS = 5_000;

/** Ends the connection of a request whose body was refused as too large: the rest is not read to its end. */
export function cutOversizedBodies(app: FastifyInstance): void {
  // Fastify asks for a close where the head says already how long the body is: Node would not read on then.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (reply.statusCode === 413) reply.removeHeader('connection');
    done();
  });
  app.addHook('onResponse', ({ raw }, reply, done) => {
    if (reply.statusCode === 413 && !raw.complete) {
      const cut = (): void => void raw.socket.destroy();
      const timer = setTimeout(cut, LINGER_MS);
      let left = LINGER_BYTES;
      raw.on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left < 0) cut();
      });
      raw.once('close', () => clearTimeout(timer));
      raw.once('end', () => clearTimeout(timer));
    }
    done();
  });
}
