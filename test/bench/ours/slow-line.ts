import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Line {
  /** Milliseconds there and back. */
  readonly roundTripMs: number;
  /** From the server, over all connections together. */
  readonly bitsPerSecond: number;
}

export interface SlowLine {
  readonly url: string;
  close(): Promise<void>;
}

const PIECE_BYTES = 1024;

/**
 * A mobile line in front of a server: connecting takes a round trip, what is sent arrives half of one later, and what comes back shares
 * the rate of the line. A browser's own throttling would leave out connecting.
 */
export async function startSlowLine(target: URL, line: Line): Promise<SlowLine> {
  const sockets = new Set<Socket>();
  const down = rateOf(line.bitsPerSecond);
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    client.setNoDelay(true);
    void carry(client, upstream, line.roundTripMs * 1.5, line.roundTripMs / 2);
    void carry(upstream, client, 0, line.roundTripMs / 2, down);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port ?? 0}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Milliseconds that a piece takes once the pieces before it are through. */
function rateOf(bitsPerSecond: number): (bytes: number) => number {
  let freeAt = 0;
  return (bytes) => {
    const now = performance.now();
    freeAt = Math.max(now, freeAt) + (bytes * 8 * 1000) / bitsPerSecond;
    return freeAt - now;
  };
}

/** In order: what came later arrives later. The first piece of a connection waits until that is there. */
async function carry(
  from: Socket,
  to: Socket,
  firstMs: number,
  delayMs: number,
  rate?: (bytes: number) => number,
): Promise<void> {
  let arriving = Promise.resolve();
  let wait = firstMs === 0 ? delayMs : firstMs;
  try {
    for await (const chunk of from) {
      if (!(chunk instanceof Buffer)) continue;
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        const arrived = pause(wait + (rate?.(piece.length) ?? 0));
        arriving = arriving.then(() => arrived).then(() => void to.write(piece));
      }
      wait = delayMs;
    }
    await arriving;
    to.end();
  } catch {
    to.destroy();
  }
}
