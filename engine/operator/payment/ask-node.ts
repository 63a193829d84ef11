import type { LightningPort, PaymentHash } from '../../../adapters/lightning/port.js';
import type { AttemptStory, NodeView } from './story.js';

/** The newest ones: an operator's look must not keep the node busy. */
const ASKED_AT_MOST = 20;
/** For all of them together. */
const ANSWERED_WITHIN_MS = 2_000;

/** What the node says of each of the first hashes, all asked at once. A node that fails or is slow is told of, never waited for. */
export async function askNode(
  node: Pick<LightningPort, 'lookupInvoice'>,
  hashes: readonly PaymentHash[],
): Promise<ReadonlyMap<PaymentHash, NodeView>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<NodeView>((resolve) => {
    const error = `no answer within ${ANSWERED_WITHIN_MS} ms`;
    timer = setTimeout(() => resolve({ answer: 'none', error }), ANSWERED_WITHIN_MS);
  });
  try {
    const views = hashes
      .slice(0, ASKED_AT_MOST)
      .map(async (hash) => [hash, await Promise.race([ask(node, hash), tooLong])] as const);
    return new Map(await Promise.all(views));
  } finally {
    clearTimeout(timer);
  }
}

/** The height of the chain as the node sees it, where something ends at a height; null where nothing does, or the node does not say. */
export async function askHeight(
  node: Pick<LightningPort, 'info'>,
  attempts: readonly Pick<AttemptStory, 'invoices' | 'payments'>[],
): Promise<number | null> {
  const ends = attempts.flatMap(({ invoices, payments }) => [
    ...invoices.map(({ expiryHeight }) => expiryHeight),
    ...payments.map(({ maxHeight }) => maxHeight),
  ]);
  if (ends.every((height) => height === null)) return null;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWERED_WITHIN_MS);
  });
  const height = node.info().then(
    ({ blockHeight }) => blockHeight,
    () => null,
  );
  return Promise.race([height, tooLong]).finally(() => clearTimeout(timer));
}

async function ask(
  node: Pick<LightningPort, 'lookupInvoice'>,
  hash: PaymentHash,
): Promise<NodeView> {
  try {
    const invoice = await node.lookupInvoice(hash);
    if (invoice === undefined) return { answer: 'unknown_hash' };
    return { answer: 'known', state: invoice.state, receivedMsat: invoice.receivedMsat };
  } catch (error) {
    return { answer: 'none', error: error instanceof Error ? error.message : String(error) };
  }
}
