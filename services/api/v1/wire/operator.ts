import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { attemptMachine } from '../../../../domain/actions/machine.js';
import { territoryMachine } from '../../../../domain/territories/machine.js';
import { orderMachine } from '../../../../domain/transmissions/machine.js';
import { digits, pageQuery } from './page.js';

const machine = z.enum([attemptMachine.name, orderMachine.name, territoryMachine.name]);

/** `<action>/<attempt>` or an order id. */
const subject = z
  .string()
  .regex(
    /^([0-9a-f-]{36}(\/\d{1,9})?|[1-9]\d{0,17})$/,
    'must be <action>/<attempt>, <order> or the number of a territory',
  );

export const stuckQuery = z.strictObject(pageQuery(z.tuple([digits, subject])));

const destination = z.enum(['nats', 'temporal', 'node']);
const nodeCall = z.enum([
  'settle_invoice',
  'send_payment',
  'create_invoice',
  'wrap_invoice',
  'look_up_invoice',
  'cancel_invoice',
]);

const outboxSummary = z.object({
  destination,
  backlog: z.int().min(0),
  oldestSeconds: z.number().nullable(),
});

export const stuckAnswer = z
  .object({
    maintenance: z
      .object({ since: time, because: z.string() })
      .nullable()
      .meta({ description: 'Maintenance mode, while it is on: no new invoices are asked for.' }),
    processes: z.array(
      z.object({
        machine,
        subject,
        workflowId: z.string(),
        state: z.string(),
        openedAt: time,
        since: time,
        overdueSeconds: z.number(),
        tries: z.int().min(0).meta({ description: 'How often the sweep has acted since then.' }),
        mend: z.string().meta({ description: 'What to run, or to look at.' }),
      }),
    ),
    calls: z
      .array(
        z.object({
          kind: nodeCall,
          hash: z.string(),
          since: time,
          tries: z.int().min(0),
          lastError: z.string().nullable(),
          mend: z.string().nullable(),
        }),
      )
      .meta({ description: 'Calls to the node that wait for long or failed often; at most 100.' }),
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
        destination,
        kind: z.enum(['event', 'start', 'wake', ...nodeCall.options]),
        subject: z.string(),
        createdAt: time,
        since: time,
        availableAt: time,
        attempts: z.int().min(0),
        lastError: z.string().nullable(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'OutboxPage' });

const ATTEMPT = /\/\d{1,9}$/;

/** An attempt is named with its number, an order without one. */
export const transitionParams = z
  .strictObject({ machine, subject })
  .refine((params) => ATTEMPT.test(params.subject) === (params.machine === attemptMachine.name), {
    path: ['subject'],
    message: 'must be <action>/<attempt> for machine attempt, <order> for machine order',
  });
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
