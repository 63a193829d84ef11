import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { attemptMachine } from '../../../../domain/actions/machine.js';
import { orderMachine } from '../../../../domain/transmissions/machine.js';
import { digits, pageQuery } from './page.js';

const machine = z.enum([attemptMachine.name, orderMachine.name]);

/** `<action>/<attempt>` or an order id. */
const subject = z
  .string()
  .regex(/^[0-9a-f-]{36}(\/\d{1,9})?$/, 'must be <action>/<attempt> or <order>');

export const stuckQuery = z.strictObject(pageQuery(z.tuple([digits, subject])));

const outboxSummary = z.object({
  destination: z.enum(['nats', 'temporal']),
  backlog: z.int().min(0),
  oldestSeconds: z.number().nullable(),
});

export const stuckAnswer = z
  .object({
    processes: z.array(
      z.object({
        machine,
        subject,
        workflowId: z.string(),
        state: z.string(),
        openedAt: time,
        dueAt: time,
        overdueSeconds: z.number(),
      }),
    ),
    outbox: z.array(outboxSummary),
    nextCursor,
  })
  .meta({ id: 'StuckProcesses' });

export const outboxQuery = z.strictObject(pageQuery(z.tuple([digits])));

export const outboxAnswer = z
  .object({
    rows: z.array(
      z.object({
        id: rowId,
        destination: z.enum(['nats', 'temporal']),
        kind: z.enum(['event', 'start', 'wake']),
        subject: z.string(),
        createdAt: time,
        availableAt: time,
        attempts: z.int().min(0),
        lastError: z.string().nullable(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'OutboxPage' });

export const transitionParams = z.strictObject({ machine, subject });
export const transitionQuery = z.strictObject(pageQuery(z.tuple([digits])));

export const transitionsAnswer = z
  .object({
    transitions: z.array(
      z.object({
        id: rowId,
        event: z.string(),
        fromState: z.string().nullable(),
        toState: z.string(),
        reason: z.string().nullable(),
        at: time,
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'TransitionPage' });
