import { z } from 'zod';
import { applyEvent } from '../../../engine/intake/events/apply-event.js';
import type { ApplyOutcome } from '../../../engine/context.js';
import type { MessageHandler } from './message-handler.js';

const message = z.object({
  event: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt),
});

/** Deliveries of stores, which are in the database already: the message says only which. */
export const intake: MessageHandler<z.output<typeof message>, undefined> = {
  stream: 'INTAKE',
  durable: 'intake',
  parse: (body) => message.parse(body),
  findTarget: () => Promise.resolve(undefined),
  apply: async (_engine, tx, items) => {
    const outcomes: ApplyOutcome[] = [];
    for (const { body } of items) outcomes.push(await applyEvent(tx, body.event));
    return outcomes;
  },
};
