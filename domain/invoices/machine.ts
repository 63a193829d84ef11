import { defineMachine } from '../machine.js';

/** One invoice of ours at a node. The node decides; the row follows what the node says, whoever brings it. */
export const invoiceMachine = defineMachine({
  name: 'invoice',
  states: {
    wanted: { awaits: 'the node creates it', call: 'create_invoice' },
    open: { awaits: 'payment' },
    held: { awaits: 'its payable settles or cancels it' },
    settled: { awaits: 'nothing', terminal: true },
    canceled: { awaits: 'nothing', terminal: true },
  },
  transitions: {
    opened: { from: [], to: 'wanted', because: 'its hash is known before the node is asked' },
    created: { from: ['wanted'], to: 'open', because: 'the node created it' },
    held: { from: ['wanted', 'open'], to: 'held', because: 'the node holds a payment' },
    settled: {
      from: ['wanted', 'open', 'held', 'canceled'],
      to: 'settled',
      because: 'the node has the money',
    },
    canceled: {
      from: ['wanted', 'open', 'held'],
      to: 'canceled',
      because: 'the node canceled it, or never had it',
    },
  },
});

export type InvoiceState = keyof typeof invoiceMachine.states;

/** What a node says of an invoice. */
export type InvoiceUpdateState = 'held' | 'settled' | 'canceled';
