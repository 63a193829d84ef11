import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ServerHandle } from '../../services/cli/servers/types.js';
import { Bench } from './bench.js';
import { PostgresBench } from './database-bench.js';
import { closeConnections } from './http.js';
import type { RunOptions } from './options.js';
import type { Part, PreparedPart, Values } from './part.js';
import { DATABASE_PARTS } from './parts.js';
import { WAITING_FIGURES, withManyWaiting } from './ours/waiting.js';
import { type Figure, figuresOf } from './report/figure.js';
import { figureTable, number } from './report/lines.js';
import { describeMachine, type Machine, machineLines } from './report/machine.js';

/** Starts what the parts need, measures all rounds and prints a table. */
export async function runBench(options: RunOptions): Promise<void> {
  const { durable, sizes, waiting } = options;
  const benchOptions = { durable, sizes, report: say };
  const alone = DATABASE_PARTS.filter((part) =>
    options.parts.some(({ name }) => name === part.name),
  );
  if (alone.length === options.parts.length && waiting === 0) {
    const bench = await PostgresBench.start(benchOptions);
    return measureOn(bench, [bench.parts.servers.postgres], alone, options);
  }
  const bench = await Bench.start(benchOptions);
  const { postgres, nats, temporal } = bench.parts.servers;
  await measureOn(bench, [postgres, nats, temporal], options.parts, options, () =>
    withManyWaiting(bench, waiting),
  );
}

async function measureOn<B>(
  bench: B & { stop(): Promise<void> },
  servers: readonly ServerHandle[],
  parts: readonly Part<B>[],
  options: RunOptions,
  measureWaiting?: () => Promise<Values>,
): Promise<void> {
  stopOnSignal(bench);
  try {
    const machine = await describeMachine(servers);
    say(`${machineLines(machine)}\n`);
    const measured: Values[] = [];
    try {
      await measure<B>(bench, parts, options, measured);
      if (options.waiting > 0 && measureWaiting !== undefined) {
        say(`with ${options.waiting} workflows waiting`);
        // In the last round, so that ratios are taken with the same round.
        measured.push({ ...measured.pop(), ...(await measureWaiting()) });
      }
    } finally {
      // Also after a failure, with what was measured until then.
      await report(options, machine, measured.map(withInvoices));
    }
  } finally {
    closeConnections();
    await bench.stop();
  }
}

async function report(
  options: RunOptions,
  machine: Machine,
  rounds: readonly Values[],
): Promise<void> {
  const specs = [...options.parts.flatMap((part) => part.figures), ...WAITING_FIGURES];
  const figures = figuresOf(specs, samplesOf(rounds));
  say(`\n${figureTable(figures)}`);
  if (options.json !== undefined) await save(options.json, { machine, figures, rounds, options });
}

/** Servers and processes run in their own process groups: a signal to this process does not reach them. */
function stopOnSignal(bench: { stop(): Promise<void> }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say(`stopped by ${signal}`);
      void bench.stop().finally(() => process.exit(1));
    });
  }
}

/** Adds the values of each round to `all`. */
async function measure<B>(
  bench: B,
  parts: readonly Part<B>[],
  { rounds }: RunOptions,
  all: Values[],
): Promise<void> {
  const prepared: (readonly [Part<B>, PreparedPart])[] = [];
  try {
    for (const part of parts) {
      say(`${part.name}: preparing`);
      prepared.push([part, await part.prepare(bench)]);
    }
    for (let round = 1; round <= rounds; round += 1) {
      const values: Record<string, number> = {};
      all.push(values);
      for (const [{ name }, part] of prepared) {
        say(`round ${round} of ${rounds}: ${name}`);
        const measured = await part.round();
        for (const [id, value] of Object.entries(measured)) say(`  ${id} ${number(value)}`);
        Object.assign(values, measured);
      }
    }
  } finally {
    for (const [, part] of prepared) await part.stop?.();
  }
}

/** Adds how much longer an opening with invoice takes than one without. */
function withInvoices(values: Values): Values {
  const added = ['zap', 'order'].flatMap((what) => {
    const [whole, alone] = [values[`${what}.whole`], values[`${what}.quiet`]];
    return whole === undefined || alone === undefined ? [] : [[`${what}.invoice`, whole - alone]];
  });
  return { ...values, ...z.record(z.string(), z.number()).parse(Object.fromEntries(added)) };
}

function samplesOf(rounds: readonly Values[]): Map<string, (number | undefined)[]> {
  const ids = new Set(rounds.flatMap((values) => Object.keys(values)));
  return new Map([...ids].map((id) => [id, rounds.map((values) => values[id])]));
}

async function save(
  file: string,
  result: {
    machine: object;
    figures: readonly Figure[];
    rounds: readonly Values[];
    options: RunOptions;
  },
): Promise<void> {
  const { rounds, sizes, durable, waiting } = result.options;
  const settings = { rounds, sizes, durable, waiting };
  const content = { at: new Date().toISOString(), ...result, options: settings };
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
