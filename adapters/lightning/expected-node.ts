import { LightningError, type LightningPort, type NodeInfo } from './port.js';

/** Which node it has to be; what is not given may be any. */
export interface ExpectedNode {
  readonly network?: NodeInfo['network'] | undefined;
  /** Compressed, as hex. */
  readonly publicKey?: string | undefined;
}

/** How long a node that was asked who it is is believed; after a call that did not reach it, it is asked again. */
const BELIEVED_MS = 10_000;

/** Throws LightningError `unavailable` with an alarm for another node, or one of another network. */
export function refuseOther(info: NodeInfo, { network, publicKey }: ExpectedNode): void {
  if (network !== undefined && info.network !== network) {
    const message = `it is on ${info.network}, not on ${network}`;
    throw LightningError.unavailable(message, { alarm: 'wrong_network' });
  }
  if (publicKey !== undefined && info.publicKey !== publicKey) {
    const message = `its public key is ${info.publicKey}, not ${publicKey}`;
    throw LightningError.unavailable(message, { alarm: 'wrong_node' });
  }
}

/**
 * The node, that is unavailable while it is another one than is expected: what another node answers about an invoice decides nothing, and
 * money that it receives is not ours. It still says who it is.
 */
export function onlyExpected(node: LightningPort, expected: ExpectedNode): LightningPort {
  if (expected.network === undefined && expected.publicKey === undefined) return node;
  const identity = new Identity(node, expected);
  const checked =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await identity.check();
      return call(...args).catch((error: unknown) => {
        if (error instanceof LightningError && error.kind !== 'refused') identity.doubt();
        throw error;
      });
    };
  return {
    info: () => node.info(),
    balance: checked(() => node.balance()),
    createInvoice: checked((request) => node.createInvoice(request)),
    lookupInvoice: checked((hash) => node.lookupInvoice(hash)),
    settleInvoice: checked((preimage) => node.settleInvoice(preimage)),
    cancelInvoice: checked((hash) => node.cancelInvoice(hash)),
    sendPayment: checked((request) => node.sendPayment(request)),
    lookupPayment: checked((hash) => node.lookupPayment(hash)),
    estimateRoute: checked((request) => node.estimateRoute(request)),
    decode: checked((bolt11) => node.decode(bolt11)),
    journal: (hash) => node.journal(hash),
    subscribe: (after, signal) => node.subscribe(after, signal),
  };
}

class Identity {
  #believedUntil = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(
    private readonly node: Pick<LightningPort, 'info'>,
    private readonly expected: ExpectedNode,
  ) {}

  check(): Promise<void> {
    if (performance.now() < this.#believedUntil) return Promise.resolve();
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** The connection may have reached another node since. */
  doubt(): void {
    this.#believedUntil = -Infinity;
  }

  async #ask(): Promise<void> {
    // Not asked yet for what was wanted: nothing has happened.
    const info = await this.node.info().catch((error: unknown) => {
      if (!(error instanceof LightningError) || error.kind !== 'unknown') throw error;
      throw LightningError.unavailable(error.message, { cause: error });
    });
    refuseOther(info, this.expected);
    this.#believedUntil = performance.now() + BELIEVED_MS;
  }
}
