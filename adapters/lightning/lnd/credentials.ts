import { readFile, stat } from 'node:fs/promises';

export interface CredentialPaths {
  /** PEM: lnd's tls.cert, or the authority behind a proxy. */
  readonly certificate: string;
  /** Binary, as lnd writes it. */
  readonly macaroon: string;
}

export interface Credentials {
  /** PEM; undefined: that of a public authority. */
  readonly certificate: Buffer | undefined;
  /** Hex. Never logged. */
  readonly macaroon: string;
  /** Grows with each change. */
  readonly version: number;
}

/** Where they come from. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  /** A handshake or a permission failed: they may have changed. */
  doubt(): void;
}

/** How long files that have been looked at are believed. */
const FRESH_MS = 1_000;

/** The certificate and the macaroon, read by path, and again when a file has changed. */
export class CredentialFiles implements CredentialSource {
  #read: { readonly credentials: Credentials; readonly stamp: string } | undefined;
  #checkedAt = 0;
  #reading: Promise<Credentials> | undefined;

  constructor(private readonly paths: CredentialPaths) {}

  /** Throws what the file system says. */
  async current(): Promise<Credentials> {
    const isFresh = performance.now() - this.#checkedAt < FRESH_MS;
    if (isFresh && this.#read !== undefined) return this.#read.credentials;
    // Calls at the same time get the same version, and so the same connection.
    this.#reading ??= this.#readAgain().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #readAgain(): Promise<Credentials> {
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
