import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LightningError, type PaymentHash } from '../port.js';
import { LndChannel } from '../lnd/channel.js';
import { isNotFound } from '../lnd/errors.js';
import { onlyReceives, rightsOf } from '../lnd/macaroon-rights.js';
import { METHODS } from '../lnd/methods.js';
import {
  type MintedInvoice,
  type MintInvoice,
  type PayeeWallets,
  type WalletConnection,
  WalletError,
} from './port.js';
import { isPublicAddress } from './public-https.js';

export interface LndWalletsOptions {
  /** Of each call. */
  readonly timeoutMs: number;
  /** Whether it may be connected to. Default: public addresses only. */
  readonly mayConnect?: (address: string) => boolean;
}

interface LndConnect {
  readonly host: string;
  readonly port: number;
  /** PEM; undefined where a public authority signed it. */
  readonly certificate: Buffer | undefined;
  readonly macaroon: Buffer;
}

/** Payees' own nodes of lnd, reached by an `lndconnect` URI whose macaroon makes invoices and cannot spend. */
export class LndWallets implements PayeeWallets {
  constructor(private readonly options: LndWalletsOptions) {}

  check({ address }: WalletConnection): Promise<void> {
    return Promise.resolve().then(() => void receiveOnly(address));
  }

  mint({ address }: WalletConnection, request: MintInvoice): Promise<MintedInvoice> {
    const { amountMsat, expirySeconds, memo, descriptionHash } = request;
    const described =
      descriptionHash === undefined
        ? { memo }
        : { description_hash: Buffer.from(descriptionHash, 'hex') };
    return this.#with(address, async (lnd) => {
      const { payment_request: bolt11 } = await lnd.call(METHODS.addInvoice, {
        ...{ value_msat: amountMsat.toString(), expiry: expirySeconds.toString(), ...described },
        // Wallets at home often have private channels only.
        private: true,
      });
      return { bolt11 };
    });
  }

  /** Whether the wallet says that it was paid: for people, it decides nothing. */
  hasReceived({ address }: WalletConnection, hash: PaymentHash): Promise<boolean> {
    const request = { r_hash: Buffer.from(hash, 'hex') };
    return this.#with(address, async (lnd) => {
      const found = await lnd.call(METHODS.lookupInvoice, request).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      return found?.state === 'SETTLED';
    });
  }

  async #with<T>(address: string, work: (lnd: LndChannel) => Promise<T>): Promise<T> {
    const wallet = receiveOnly(address);
    const lnd = await this.#open(wallet);
    try {
      return await work(lnd);
    } catch (cause) {
      if (!(cause instanceof LightningError)) throw cause;
      const kind = cause.alarm === 'permission_denied' ? 'refused' : 'unavailable';
      throw new WalletError(kind, `lnd at ${wallet.host}: ${cause.message}`, { cause });
    } finally {
      lnd.close();
    }
  }

  /** The name is resolved once, and the connection goes to what was checked. */
  async #open({ host, port, certificate, macaroon }: LndConnect): Promise<LndChannel> {
    const { timeoutMs, mayConnect = isPublicAddress } = this.options;
    const found = isIP(host) === 0 ? await resolved(host) : [host];
    const [first] = found;
    if (first === undefined || !found.every(mayConnect)) {
      throw new WalletError('refused', `${host} is not public`);
    }
    const credentials = { certificate, macaroon: macaroon.toString('hex'), version: 1 };
    return new LndChannel({
      ...{ address: `${isIP(first) === 6 ? `[${first}]` : first}:${port}`, timeoutMs },
      // lnd's own certificate always names localhost, and only it is trusted then.
      serverName: certificate === undefined ? host : 'localhost',
      credentials: { current: () => Promise.resolve(credentials), doubt: () => undefined },
    });
  }
}

async function resolved(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw new WalletError('unavailable', `${host} cannot be resolved`, { cause });
  });
  return found.map(({ address }) => address);
}

/** Throws WalletError for what is no URI, and for a macaroon that can spend or cannot be read. */
function receiveOnly(text: string): LndConnect {
  const wallet = readLndConnect(text);
  if (wallet === undefined) throw new WalletError('refused', 'not an lndconnect URI');
  const rights = rightsOf(wallet.macaroon);
  if (rights === undefined) throw new WalletError('refused', 'its macaroon cannot be read');
  if (!onlyReceives(rights)) throw new WalletError('can_spend', 'its macaroon permits to spend');
  return wallet;
}

/** Undefined where it is none. Source: github.com/LN-Zap/lndconnect, lnd_connect_uri.md. */
function readLndConnect(text: string): LndConnect | undefined {
  if (!text.startsWith('lndconnect://') || !URL.canParse(text)) return undefined;
  const { hostname, port, searchParams } = new URL(text);
  const macaroon = Buffer.from(searchParams.get('macaroon') ?? '', 'base64url');
  const certificate = searchParams.get('cert');
  if (hostname === '' || macaroon.length === 0) return undefined;
  return {
    ...{ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 10_009 : Number(port) },
    ...{ macaroon, certificate: certificate === null ? undefined : pemOf(certificate) },
  };
}

function pemOf(base64url: string): Buffer {
  const base64 = Buffer.from(base64url, 'base64url').toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return Buffer.from(
    ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  );
}
