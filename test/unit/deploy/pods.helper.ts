import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ConfigError, loadConfig, NEEDS, type Needs } from '../../../services/shared/config.js';

const podSpec = z.looseObject({
  terminationGracePeriodSeconds: z.int().optional(),
  containers: z.array(
    z.looseObject({
      args: z.array(z.string()),
      env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
      ports: z.array(z.looseObject({})).optional(),
      lifecycle: z
        .object({ preStop: z.object({ sleep: z.object({ seconds: z.int() }) }) })
        .optional(),
    }),
  ),
});
const withPods = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ spec: podSpec }) }),
});

interface Pod {
  /** The process, or the command, that it runs. */
  readonly process: string;
  readonly env: Readonly<Record<string, string>>;
  readonly spec: z.output<typeof podSpec>;
}

/** The pods of what the chart renders, one per template. */
export function podsOf(text: string): Pod[] {
  return parseAllDocuments(text).flatMap((document) => {
    const parsed = withPods.safeParse(document.toJS());
    if (!parsed.success) return [];
    const { spec } = parsed.data.spec.template;
    const [{ args, env }] = z.tuple([podSpec.shape.containers.element]).parse(spec.containers);
    const names = env.map(({ name }) => name);
    const doubled = names.filter((name, index) => names.indexOf(name) !== index);
    if (doubled.length > 0) throw new Error(`set twice: ${doubled.join(', ')}`);
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    return [{ process: args[0] ?? '', env: variables, spec }];
  });
}

const KEYS = `1:${'5a'.repeat(16)}${'b7c93e10f4d82a66'.repeat(2)}`;
/** What Secrets may hold. */
const HELD: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://app:x@postgres:5432/quittance',
  NATS_URL: 'nats://nats:4222',
  QUITTANCE_SECRET: '9b1f0c5de8a34726b7c93e10f4d82a66',
  QUITTANCE_STORE_KEY: KEYS,
  QUITTANCE_PAYMENTS_SIGNING_KEY: KEYS,
  QUITTANCE_CONFIRMATIONS_SIGNING_KEY: KEYS,
  QUITTANCE_TEMPORAL_CODEC_KEYS: KEYS,
  QUITTANCE_OTLP_HEADERS: 'authorization=Bearer x',
};

/** What the process would say against its configuration at its start. */
export function problemsOf({ process, env }: Pod): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-pod-'));
  try {
    const given: Record<string, string> = {};
    for (const [name, value] of Object.entries(env)) {
      const [, variable] = /^(.*)_FILE$/.exec(name) ?? [];
      given[name] = value;
      if (variable === undefined) continue;
      const file = join(folder, variable);
      writeFileSync(file, HELD[variable] ?? '');
      given[name] = file;
    }
    loadConfig(given, (NEEDS as Readonly<Record<string, Needs>>)[process] ?? {});
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
