// The framework with an empty handler, in a process of its own: what garbage costs it is the unit of the test's rate.
import Fastify from 'fastify';

const app = Fastify();
app.post('/v1/actions', () => ({}));
await app.listen({ host: '127.0.0.1', port: 0 });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: app.server.address()?.port });
