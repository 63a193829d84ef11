import { attemptMachine } from './actions/machine.js';
import { invoiceMachine } from './invoices/machine.js';
import { itemTimerMachine } from './items/timer-machine.js';
import { isTerminal, type Machine, statesOf } from './machine.js';
import { territoryMachine } from './territories/machine.js';
import { orderMachine } from './transmissions/machine.js';

/** docs/state-machines.md, generated from the tables that the guards, the workflows and the property tests use. */
export function stateMachinesPage(): string {
  return [
    '# State machines',
    'Generated from `domain/*/machine.ts` and `domain/items/timer-machine.ts` by `npm run docs`; a test fails when this page is not current.',
    section('An attempt to pay an action', attemptMachine),
    section('An invoice', invoiceMachine),
    section('A transmission order', orderMachine),
    section('A territory', territoryMachine),
    section('What a text asks to be done later', itemTimerMachine),
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

/** The machine as a mermaid state diagram: docs/ shows the tables that the code runs on. */
function mermaidOf<S extends string, E extends string>(machine: Machine<S, E>): string {
  const events = Object.keys(machine.transitions) as E[];
  const arrows = events.flatMap((event) => {
    const { from, to } = machine.transitions[event];
    return (from.length === 0 ? ['[*]'] : from).map((state) => `  ${state} --> ${to}: ${event}`);
  });
  const ends = statesOf(machine)
    .filter((state) => isTerminal(machine, state))
    .map((state) => `  ${state} --> [*]`);
  return ['stateDiagram-v2', ...arrows, ...ends].join('\n');
}

/** The same as a table, with the reasons. */
function tableOf<S extends string, E extends string>(machine: Machine<S, E>): string {
  const events = Object.keys(machine.transitions) as E[];
  const rows = events.map((event) => {
    const { from, to, because } = machine.transitions[event];
    return `| ${event} | ${from.length === 0 ? '(new)' : from.join(', ')} | ${to} | ${because} |`;
  });
  return ['| event | from | to | because |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
