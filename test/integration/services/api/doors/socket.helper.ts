import { connect, type Socket } from 'node:net';

interface RawAnswer {
  /** Everything that came back until the connection ended. */
  readonly text: string;
  /** How much the server let us write. */
  readonly sentBytes: number;
}

/** Opens a connection to a server and collects what it sends. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #ended: Promise<void>;
  #text = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (chunk: Buffer) => (this.#text += chunk.toString('latin1')));
    // A server that cuts a client off resets the connection.
    this.#socket.on('error', () => undefined);
    this.#ended = new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends the chunk again and again until the server ends the connection, or it was sent `times`. */
  async flood(chunk: Buffer, times: number): Promise<RawAnswer> {
    for (let n = 0; n < times && this.#socket.writable; n += 1) {
      if (!this.#socket.write(chunk)) await Promise.race([this.#drained(), this.#ended]);
    }
    return this.answer();
  }

  async answer(): Promise<RawAnswer> {
    await this.#ended;
    return { text: this.#text, sentBytes: this.#socket.bytesWritten };
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => this.#socket.once('drain', () => resolve()));
  }
}
