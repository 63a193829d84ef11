import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import type { NostrEvent } from '../../adapters/nostr/port.js';
import { nostrEvent } from '../../domain/nostr/zap-request.js';
import { isSigned } from '../../engine/nostr-key.js';

/** A simulated relay of nostr: keeps signed events, refuses others, and can be made to be silent. No relay of the world takes part in tests. */
export class SimulatedRelay {
  readonly events: NostrEvent[] = [];
  /** How often an event came, also one that it had. */
  received = 0;
  mode: 'keeps' | 'refuses' | 'hangs up' = 'keeps';

  private constructor(private readonly server: WebSocketServer) {
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const parsed = z.tuple([z.literal('EVENT'), nostrEvent]).parse(JSON.parse(data.toString()));
        if (this.mode === 'hangs up') {
          socket.terminate();
          return;
        }
        this.received += 1;
        const [, event] = parsed;
        const keeps = this.mode === 'keeps' && isSigned(event);
        if (keeps && !this.events.some(({ id }) => id === event.id)) this.events.push(event);
        socket.send(JSON.stringify(['OK', event.id, keeps, keeps ? '' : 'blocked: no']));
      });
    });
  }

  static async start(): Promise<SimulatedRelay> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new SimulatedRelay(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    await once(this.server, 'close');
  }
}
