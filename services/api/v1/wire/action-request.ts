import { id } from '@quittance/sdk/answers';
import { z } from 'zod';
import { ACTION_ARGS } from '../../../../engine/actions/types/index.js';
import { digits, pageQuery } from './page.js';

/** The name under which the arguments of a type are documented. */
export function argsSchemaName(type: string): string {
  return `Args_of_${type}`;
}

function argsReference(type: string): string {
  return `#/components/schemas/${argsSchemaName(type)}`;
}

/** How an attempt is to be paid. */
const payment = {
  payment: z
    .enum(['auto', 'credits', 'invoice'])
    .default('auto')
    .meta({ description: 'auto: by credits when they cover it all, else by invoice.' }),
  invoiceExpirySeconds: z.int().min(1).max(600).optional(),
};

export const openActionBody = z.strictObject({
  type: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['ITEM_CREATE'] }),
  args: z.record(z.string(), z.unknown()).meta({
    description: 'By type.',
    anyOf: [...ACTION_ARGS.keys()].map((type) => ({ $ref: argsReference(type) })),
  }),
  ...payment,
});

export const retryBody = z.strictObject({
  attempt: z.int().min(1).max(2_147_483_646).meta({ description: 'The attempt that is retried.' }),
  ...payment,
});

/** Some clients send no body where nothing is asked. */
export const emptyBody = z.strictObject({}).nullish();

export const actionParams = z.strictObject({ id });

export const actionQuery = z.strictObject({
  state: z
    .enum(['open', 'paid', 'failed'])
    .optional()
    .meta({ description: 'By the newest attempt; all when left out.' }),
  ...pageQuery(z.tuple([digits, id])),
});
