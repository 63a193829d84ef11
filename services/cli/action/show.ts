import { createNode, NODE_KEYS } from '../../../adapters/lightning/create-node.js';
import { createPayeeWallets } from '../../../adapters/lightning/wallets/create-wallets.js';
import { Refusal } from '../../../domain/refusal.js';
import { readPayment } from '../../../engine/operator/payment/read-payment.js';
import type { PaymentStory } from '../../../engine/operator/payment/story.js';
import { loadConfigPart } from '../../shared/config.js';
import { storeKeysOf } from '../../shared/store-keys.js';
import { CommandError } from '../run-command.js';
import { withPool } from '../with-pool.js';
import { storyLines } from './story-lines.js';

/** Prints the story of a payment. Throws CommandError for an id of nothing. */
export async function showCommand(
  id: string,
  json: boolean,
  say: (line: string) => void,
): Promise<void> {
  const config = loadConfigPart([
    ...NODE_KEYS,
    ...(['QUITTANCE_PRIVATE_WALLETS', 'QUITTANCE_STORE_KEY', 'QUITTANCE_SECRET'] as const),
  ]);
  const { lightningUrl, privateWallets } = config;
  const sources = {
    node: createNode(config),
    payees: {
      wallets: createPayeeWallets({
        ...{ lightningUrl, walletTimeoutSeconds: 2, mayBePrivate: privateWallets === 'allowed' },
      }),
      storeKeys: storeKeysOf(config),
    },
  };
  const story = await withPool((pool) => readPayment({ pool, ...sources }, id)).catch(
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      throw new CommandError(error.detail, 'check the id, and that DATABASE_URL is the right one', {
        cause: error,
      });
    },
  );
  for (const line of json ? [jsonOf(story)] : storyLines(story, new Date())) say(line);
}

/** Amounts as decimal strings, as everywhere. */
function jsonOf(story: PaymentStory): string {
  return JSON.stringify(story, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
