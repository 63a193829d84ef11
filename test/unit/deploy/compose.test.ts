import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import { buildProgram } from '../../../services/cli/program.js';
import { loadConfig, NEEDS, type Needs } from '../../../services/shared/config.js';
import { variableNames } from '../../../services/shared/config/schema.js';

/** The parts of the Compose format that we use; anything else is a mistake. */
const service = z.strictObject({
  image: z.string(),
  restart: z.enum(['unless-stopped', 'on-failure']).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), retries: z.int() })
    .optional(),
});
const compose = z.strictObject({
  'x-quittance': z.unknown(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

let file: z.output<typeof compose>;
beforeAll(async () => {
  const text = await readFile(join(packageRoot(), 'deploy', 'compose.yaml'), 'utf8');
  file = compose.parse(parse(text, { merge: true }));
});

const ours = (): [string, z.output<typeof service>][] =>
  Object.entries(file.services).filter(([, { image }]) => image === 'quittance');

/** As Compose gives it to a container, with what a person has to draw. */
function filledIn(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/^\$\{[^}]*\}$/, 'b5e8'.repeat(16)),
    ]),
  );
}

const isProcess = (name: string): boolean =>
  [join('services', name), join('simulators', name.replace(/-simulator$/, ''))].some((folder) =>
    existsSync(join(packageRoot(), folder, 'main.ts')),
  );

describe('compose.yaml', () => {
  test('runs processes and commands that there are', () => {
    const commands = buildProgram().commands.map((command) => command.name());
    expect(ours().length).toBeGreaterThan(5);
    for (const [name, { command = [] }] of ours()) {
      const [first = ''] = command;
      expect(isProcess(first) || commands.includes(first), `${name}: ${first}`).toBe(true);
    }
  });

  test('gives each of them a configuration that it accepts', () => {
    for (const [name, { environment, command = [] }] of ours()) {
      const [process = ''] = command;
      const needs = (NEEDS as Readonly<Record<string, Needs>>)[process] ?? {};
      expect(() => loadConfig(filledIn(environment), needs), name).not.toThrow();
    }
  });

  test('sets only variables that a process reads', () => {
    const known: readonly string[] = variableNames;
    for (const [name, { environment }] of ours()) {
      expect([name, ...Object.keys(environment).filter((one) => !known.includes(one))]).toEqual([
        name,
      ]);
    }
  });

  test('fits the Containerfile: its program, its ports, a root that is read only', async () => {
    const text = await readFile(join(packageRoot(), 'deploy', 'Containerfile'), 'utf8');
    const instructions = new Map(
      text
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) => [/^[A-Z]+/.exec(line)?.[0] ?? '', line.replace(/^[A-Z]+\s+/, '')]),
    );
    // A command of compose.yaml is an argument of the entry point.
    const entry = z.array(z.string()).parse(parse(instructions.get('ENTRYPOINT') ?? ''));
    const [, program = ''] = /^dist\/(.*)\.js$/.exec(entry.at(-1) ?? '') ?? [];
    expect(existsSync(join(packageRoot(), `${program}.ts`)), program).toBe(true);
    const exposed = instructions.get('EXPOSE')?.split(/\s+/) ?? [];
    const { apiPort } = loadConfig(filledIn(file.services['api']?.environment ?? {}));
    expect(exposed).toContain(String(apiPort));
    for (const [name, { environment, ports, read_only, tmpfs }] of ours()) {
      expect(exposed, name).toContain(environment['QUITTANCE_OPS_PORT']);
      expect([name, read_only, tmpfs]).toEqual([name, true, ['/tmp']]);
      for (const port of ports) expect(exposed, name).toContain(port.split(':').at(-1));
    }
  });

  test('refers only to services and volumes that it has', () => {
    for (const [name, { depends_on, volumes }] of Object.entries(file.services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(file.services, `${name} → ${other}`).toHaveProperty(other);
        if (condition === 'service_healthy') {
          expect(file.services[other]?.healthcheck, other).toBeDefined();
        }
      }
      for (const volume of volumes) expect(file.volumes).toHaveProperty(volume.split(':')[0] ?? '');
    }
  });

  test('publishes ports on loopback only, and no password of its own', () => {
    const ports = Object.values(file.services).flatMap((one) => one.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const [name, { environment }] of ours()) {
      expect(environment['QUITTANCE_SECRET'], name).toMatch(/^\$\{QUITTANCE_SECRET:\?/);
    }
  });
});
