import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notifySupervisor } from '../../../services/shared/supervisor.js';

/** A collector of traces that reads what comes and keeps nothing. */
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  notifySupervisor({ kind: 'listening', url: `http://127.0.0.1:${port}` });
});
process.once('SIGTERM', () => {
  server.close(() => process.disconnect());
  server.closeAllConnections();
});
