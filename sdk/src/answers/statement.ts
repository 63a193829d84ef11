import { z } from 'zod';
import { msatText, nextCursor, rowId, time } from './values.js';

const statementLine = z
  .object({
    entryId: rowId,
    asset: z.enum(['CREDITS', 'SATS']),
    amountMsat: msatText.meta({ description: 'Above 0: received.', examples: ['-1000'] }),
    balanceAfterMsat: msatText.meta({ examples: ['4000'] }),
    for: z.string().meta({
      description: 'What it was for.',
      examples: ['action/0b1f8f0e-6f5e-4c0e-9d55-0a2c7f1f4b11/1/paid'],
    }),
    at: time,
  })
  .meta({ id: 'StatementLine' });

export const statementAnswer = z
  .object({ lines: z.array(statementLine), nextCursor })
  .meta({ id: 'Statement' });
