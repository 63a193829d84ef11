import type { Machine } from './machine.js';

/** The machine as a mermaid state diagram: docs/ shows the tables that the code runs on. */
export function mermaidOf<S extends string, E extends string>(machine: Machine<S, E>): string {
  const events = Object.keys(machine.transitions) as E[];
  const arrows = events.flatMap((event) => {
    const { from, to } = machine.transitions[event];
    return (from.length === 0 ? ['[*]'] : from).map((state) => `  ${state} --> ${to}: ${event}`);
  });
  const ends = machine.terminal.map((state) => `  ${state} --> [*]`);
  return ['stateDiagram-v2', ...arrows, ...ends].join('\n');
}

/** The same as a table, with the reasons. */
export function tableOf<S extends string, E extends string>(machine: Machine<S, E>): string {
  const events = Object.keys(machine.transitions) as E[];
  const rows = events.map((event) => {
    const { from, to, because } = machine.transitions[event];
    return `| ${event} | ${from.length === 0 ? '(new)' : from.join(', ')} | ${to} | ${because} |`;
  });
  return ['| event | from | to | because |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
