import { readFile, stat } from 'node:fs/promises';

export interface CredentialPaths {
  /** PEM: lnd's tls.cert, or the authority behind a proxy. */
  readonly certificate: string;
  /** Binary, as lnd writes it. */
  readonly macaroon: string;
}

export interface Credentials {
  readonly certificate: Buffer;
  /** Hex. Never logged. */
  readonly macaroon: string;
  /** Grows with each change. */
  readonly version: number;
}

/** How long files that have been looked at are believed. */
const FRESH_MS = 1_000;

/** The certificate and the macaroon, read by path, and again when a file has changed. */
export class CredentialFiles {
  #read: { readonly credentials: Credentials; readonly stamp: string } | undefined;
  #checkedAt = 0;

  constructor(private readonly paths: CredentialPaths) {}

  /** Throws what the file system says. */
  async current(): Promise<Credentials> {
    const isFresh = performance.now() - this.#checkedAt < FRESH_MS;
    if (isFresh && this.#read !== undefined) return this.#read.credentials;
    const stamp = await stampOf([this.paths.certificate, this.paths.macaroon]);
    if (stamp !== this.#read?.stamp) {
      const certificate = await readFile(this.paths.certificate);
      const macaroon = (await readFile(this.paths.macaroon)).toString('hex');
      const version = (this.#read?.credentials.version ?? 0) + 1;
      this.#read = { credentials: { certificate, macaroon, version }, stamp };
    }
    this.#checkedAt = performance.now();
    return this.#read.credentials;
  }

  /** The next call looks at the files: a handshake or a permission failed. */
  doubt(): void {
    this.#checkedAt = -Infinity;
  }
}

async function stampOf(paths: readonly string[]): Promise<string> {
  const stats = await Promise.all(paths.map((path) => stat(path)));
  return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`).join(' ');
}
