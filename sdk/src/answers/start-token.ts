import { z } from 'zod';
import { id, time } from './values.js';

/** What another service needs to start the workflow `paidAction` for an account. */
export const startTokenAnswer = z
  .object({
    startToken: z
      .string()
      .meta({ description: 'Goes into the workflow’s input, as `open.startToken`.' }),
    actionId: id,
    workflowId: z.string(),
    taskQueue: z.string(),
    expiresAt: time,
  })
  .meta({ id: 'StartToken' });
