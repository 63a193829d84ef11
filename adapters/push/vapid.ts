import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';

const VALID_SECONDS = 12 * 3600;

/** The server's key for push services (VAPID, RFC 8292). */
export class VapidKey {
  readonly #key: KeyObject;
  /** Uncompressed, base64url: what browsers subscribe with. */
  readonly publicKey: string;

  /** `secret`: 32 bytes, base64url. `contact`: mailto: or https: of whoever runs the server. */
  constructor(
    secret: string,
    private readonly contact: string,
  ) {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(Buffer.from(secret, 'base64url'));
    const point = ecdh.getPublicKey();
    this.publicKey = point.toString('base64url');
    const x = point.subarray(1, 33).toString('base64url');
    const y = point.subarray(33).toString('base64url');
    const key = { kty: 'EC', crv: 'P-256', d: secret, x, y };
    this.#key = createPrivateKey({ format: 'jwk', key });
  }

  /** The header Authorization for a push service. `now` in seconds since 1970. */
  authorization(endpoint: string, now = Math.floor(Date.now() / 1000)): string {
    const claims = { aud: new URL(endpoint).origin, exp: now + VALID_SECONDS, sub: this.contact };
    const unsigned = [{ typ: 'JWT', alg: 'ES256' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(unsigned), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    });
    return `vapid t=${unsigned}.${signature.toString('base64url')}, k=${this.publicKey}`;
  }
}
