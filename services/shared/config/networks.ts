import { z } from 'zod';
import { parseNetwork } from '../../../adapters/webhooks/allowed-address.js';

/** Networks, separated by commas, or `none`. */
export const networkList = z.string().transform((given, context): readonly string[] => {
  if (given === 'none') return [];
  const networks = given.split(',').map((part) => part.trim());
  if (networks.every((network) => parseNetwork(network) !== undefined)) return networks;
  context.addIssue({ code: 'custom', message: 'must be none, or networks like 10.1.0.0/16' });
  return z.NEVER;
});
