import { id } from '@quittance/sdk/answers';
import { z } from 'zod';
import { ACTION_ARGS } from '../../../../engine/actions/types/index.js';
import { digits, pageQuery } from './page.js';

/** Name of the schema that documents the arguments of a type. */
export function argsSchemaName(type: string): string {
  return `Args_of_${type}`;
}

function argsReference(type: string): string {
  return `#/components/schemas/${argsSchemaName(type)}`;
}

/** How to pay an attempt. */
const payment = {
  payment: z
    .enum(['auto', 'credits', 'invoice'])
    .default('auto')
    .meta({ description: 'auto: by credits if they cover the whole cost, else by invoice.' }),
  invoiceExpirySeconds: z.int().min(1).max(600).optional(),
};

/** Its description names the types of this process, those of extensions too: it is made when routes are added. */
function argsOfTypes(): typeof openAction.shape.args {
  return z.record(z.string(), z.unknown()).meta({
    description: 'Depends on the type.',
    anyOf: [...ACTION_ARGS.keys()].map((type) => ({ $ref: argsReference(type) })),
  });
}

const openAction = z.strictObject({
  type: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['ITEM_CREATE'] }),
  args: z.record(z.string(), z.unknown()),
  ...payment,
});

export function openActionBody(): typeof openAction {
  return openAction.extend({ args: argsOfTypes() });
}

export const retryBody = z.strictObject({
  attempt: z.int().min(1).max(2_147_483_646).meta({ description: 'The failed attempt.' }),
  ...payment,
});

/** An empty body may also be missing. */
export const emptyBody = z
  .strictObject({})
  .nullish()
  .meta({ examples: [{}] });

export const actionParams = z.strictObject({ id });

export const actionQuery = z.strictObject({
  state: z
    .enum(['open', 'paid', 'failed'])
    .optional()
    .meta({ description: 'State of the newest attempt; all when left out.' }),
  ...pageQuery(z.tuple([digits, id])),
});
