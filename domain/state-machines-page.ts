import { attemptMachine } from './actions/machine.js';
import type { Machine } from './machine.js';
import { mermaidOf, tableOf } from './mermaid.js';
import { orderMachine } from './transmissions/machine.js';

/** docs/state-machines.md, made from the tables that the guards, the workflows and the property tests use. */
export function stateMachinesPage(): string {
  return [
    '# State machines',
    'Made from `domain/*/machine.ts` by `npm run docs`; a test fails when this page is not current.',
    section('An attempt to pay an action', attemptMachine),
    section('A transmission order', orderMachine),
  ].join('\n\n');
}

function section<S extends string, E extends string>(
  title: string,
  machine: Machine<S, E>,
): string {
  return [`## ${title}`, '```mermaid\n' + mermaidOf(machine) + '\n```', tableOf(machine)].join(
    '\n\n',
  );
}
